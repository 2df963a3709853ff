/** One write to one key: whether it may be sent, and what is published. */
import type { Exchange } from '../../mqtt/exchange-types';
import { EnergyError, invalid } from '../../shared/errors';
import { writeFaults } from './check-write';
import { type GoeKey, findKey, masked } from './keys';
import type { GoeNative } from './native';
import { ratedCurrent } from './project';
import { LATE_ANSWER, proofOf } from './proof';
import { booleanOf } from './values';

export interface Write {
  readonly key: string;
  readonly value: unknown;
  /** The parameter that the value came from, for the faults' paths. */
  readonly path: string;
  readonly allowUnknown?: boolean;
  readonly allowRisky?: boolean;
  /** What else could keep the charger from acting; told when it stays silent. */
  readonly hint?: string;
}

/** One topic level, as all keys are. */
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;

/** What to write instead of the keys that one would expect to be writable. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['alw', 'frc'],
  ['fsp', 'psm'],
]);

/** Why a key may not be written, null when it may. */
function keyProblem(entry: GoeKey | undefined, { key, allowUnknown, allowRisky }: Write): string | null {
  if (!entry) {
    if (!KEY.test(key)) return 'is not the name of a key';
    return allowUnknown ? null : 'is not a known key; allowUnknown: true sends it all the same';
  }
  const instead = INSTEAD.get(key);
  if (entry.access === 'R') return `is read-only${instead === undefined ? '' : `; use ${instead}`}`;
  if (entry.risky && !allowRisky)
    return 'can cut the charger off, erase something or endanger the installation; allowRisky: true sends it all the same';
  return null;
}

/**
 * Plans a write to a key.
 * @throws EnergyError INVALID (key or value) | REFUSED (`mcr`: the charger takes no writes over MQTT).
 */
export function planWrite(native: GoeNative, write: Write): Exchange {
  const { key, value } = write;
  const entry = findKey(key);
  const problem = keyProblem(entry, write);
  if (problem !== null) throw invalid(`set ${key}`, [{ path: 'key', message: problem }]);
  const limits = {
    ratedCurrent: ratedCurrent(native),
    maxCurrent: native.config.maxCurrent,
    allowUnknown: write.allowUnknown ?? false,
  };
  const faults = writeFaults(entry, value, limits, write.path);
  if (faults.length > 0) throw invalid(`set ${key}`, faults);
  if (booleanOf(native.values, 'mcr') === true)
    throw new EnergyError(
      'REFUSED',
      'the charger takes no commands over MQTT (mcr is on); allow writing in the go-e app',
    );
  const topic = native.config.baseTopic + key;
  return {
    lane: `${topic}/result`,
    supersedes: true,
    quarantine: LATE_ANSWER,
    steps: [
      {
        publications: [{ topic: `${topic}/set`, payload: JSON.stringify(value) }],
        ...proofOf({ native, entry, topic, key, value, hint: write.hint }),
      },
    ],
    value: masked(key, value),
  };
}
