/** What differs between firmware versions, as data. */
import type { Json } from './keys';

export type Firmware = '050' | '053.1' | '055' | '59.4' | '60.3';

/** Faults whose code depends on the firmware; codes 0 to 10 never changed. */
export type FaultName =
  | 'fi-ac'
  | 'fi-dc'
  | 'phase'
  | 'over-voltage'
  | 'over-current'
  | 'diode'
  | 'pp-invalid'
  | 'ground-invalid'
  | 'contactor-stuck'
  | 'contactor-missing'
  | 'fi-unknown'
  | 'unknown'
  | 'over-temperature'
  | 'no-communication'
  | 'lock-stuck-open'
  | 'lock-stuck-locked';

const COMMON_FAULTS = {
  'fi-ac': 1,
  'fi-dc': 2,
  phase: 3,
  'over-voltage': 4,
  'over-current': 5,
  diode: 6,
  'pp-invalid': 7,
  'ground-invalid': 8,
  'contactor-stuck': 9,
  'contactor-missing': 10,
} as const;

/** The numbering of the 2022 tables. */
const OLD_FAULTS: Readonly<Record<FaultName, number>> = {
  ...COMMON_FAULTS,
  'fi-unknown': 11,
  unknown: 12,
  'over-temperature': 13,
  'no-communication': 14,
  'lock-stuck-open': 15,
  'lock-stuck-locked': 16,
};

/** The numbering that firmware exports itself (2024-07 and later). */
const NEW_FAULTS: Readonly<Record<FaultName, number>> = {
  ...COMMON_FAULTS,
  'lock-stuck-open': 12,
  'lock-stuck-locked': 13,
  'fi-unknown': 14,
  unknown: 15,
  'over-temperature': 16,
  'no-communication': 17,
};

export interface Profile {
  readonly firmware: Firmware;
  /** Before 054.6 the default base topic has a leading slash. */
  readonly leadingSlash: boolean;
  /**
   * Who gets a `/result`: nobody (before 051.5, where writes are always allowed), writes to settable keys only (one
   * subscription per settable key), or all writes (since about 054.7).
   */
  readonly answers: 'none' | 'settable' | 'all';
  /** `nrg` carries whole numbers up to 053.x, fractions later. */
  readonly wholeNumbers: boolean;
  /** A PRO or CORE device: no cable lock, more temperature sensors, `acu` null while not charging. */
  readonly core: boolean;
  /** `cards` = one array; `slots` = a key per card and property (60.0); 60.3 brought the array back. */
  readonly cards: { readonly array: boolean; readonly slots: boolean };
  readonly faults: Readonly<Record<FaultName, number>>;
  /** `trx` reads null over MQTT while charging is forced off, although the card stays active. */
  readonly hidesTransaction: boolean;
  /** What a write to `fsp` is answered with, where the firmware points at `psm`. */
  readonly phaseHint: boolean;
  readonly model: string;
  /** Values whose type or content is particular to this firmware. */
  readonly initial: Readonly<Record<string, Json>>;
}

const V3 = {
  wholeNumbers: true,
  core: false,
  cards: { array: true, slots: false },
  faults: OLD_FAULTS,
  hidesTransaction: false,
  phaseHint: false,
  model: 'go-eCharger',
  initial: { bac: true, sdp: true, lot: 32, tls: false },
} as const;

export const PROFILES: Readonly<Record<Firmware, Profile>> = {
  '050': { ...V3, firmware: '050', leadingSlash: true, answers: 'none' },
  '053.1': { ...V3, firmware: '053.1', leadingSlash: true, answers: 'settable' },
  '055': {
    ...V3,
    firmware: '055',
    leadingSlash: false,
    answers: 'all',
    wholeNumbers: false,
    hidesTransaction: true,
  },
  '59.4': {
    firmware: '59.4',
    leadingSlash: false,
    answers: 'all',
    wholeNumbers: false,
    core: false,
    cards: { array: true, slots: false },
    faults: NEW_FAULTS,
    hidesTransaction: false,
    phaseHint: false,
    model: 'go-eCharger_V4',
    initial: { dfam: 'gemini' },
  },
  '60.3': {
    firmware: '60.3',
    leadingSlash: false,
    answers: 'all',
    wholeNumbers: false,
    core: true,
    cards: { array: true, slots: true },
    faults: NEW_FAULTS,
    hidesTransaction: false,
    phaseHint: true,
    model: 'go-eCharger_Phoenix',
    initial: { dfam: 'core' },
  },
};
