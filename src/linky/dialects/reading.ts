/** What a dialect makes of one payload. */
import type { RawCurve } from '../curve';
import type { Dialect, LinkyStatus, LinkyValue, NoticeCode, UnitDecision } from '../types';

export interface Remark {
  readonly code: NoticeCode;
  readonly text: string;
}

export interface ReadCurve {
  readonly raw: RawCurve;
  /** As told by the payload or known of the dialect; null when it has to be found out. */
  readonly unit: UnitDecision | null;
}

export interface Reading {
  readonly dialect: Dialect;
  readonly values: readonly LinkyValue[];
  readonly curves: readonly ReadCurve[];
  readonly status: LinkyStatus | null;
  readonly remarks: readonly Remark[];
}

export interface Unreadable {
  readonly fault: string;
}

export function reading(dialect: Dialect, parts: Partial<Omit<Reading, 'dialect'>>): Reading {
  return { values: [], curves: [], status: null, remarks: [], ...parts, dialect };
}
