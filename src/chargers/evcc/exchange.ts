/**
 * What a set publishes, and what its answers mean.
 *
 * Having dealt with a set, well or badly, evcc empties the same topic with QoS 1: that acknowledges, and never tells
 * whether it succeeded. Success shows only where the value is read back, 2 to 50 ms after the set, before or after the
 * acknowledgement (some 200 ms when evcc is flooding forecasts); most setters read nothing back when the value was in
 * force already (measured on 0.313.2).
 */
import type { Exchange, Repetition, Silence, Step, Verdict } from '../../mqtt/exchange-types';
import type { Message } from '../../mqtt/types';
import type { Encoded } from './grammar';
import { type EvccNative, isCleanup } from './native';
import { checkPreconditions } from './preconditions';
import { proven } from './proof';
import type { Target } from './target';
import { text } from './wire';

/** ms from the acknowledgement on. */
const READBACK_WITHIN = 1000;

/** ms after a time-out in which an acknowledgement may still come, and must not be taken for the next set's. */
const LATE_ANSWER = 2000;

function inForce({ values, scope }: Target, { proof }: Encoded): boolean {
  const known = values();
  return known !== undefined && proven(proof, known, scope);
}

function afterAccepted(target: Target, unchanged: boolean): Silence {
  if (unchanged && !target.setter.answersAlways) return { within: 0, then: 'unchanged' };
  return {
    within: READBACK_WITHIN,
    then: 'refused',
    hint: `evcc took the message, but ${target.setter.topic} did not change; its log says why`,
  };
}

function noAnswer(native: EvccNative, { setter }: Target): Silence {
  const version = text(native.site, 'version');
  const which = version === null ? 'its version' : `version ${version}`;
  return {
    then: 'timeout',
    hint: `evcc did not answer: it may be offline or starting, have no such ${setter.scope}, or ${which} lacks this setter`,
  };
}

/**
 * One set.
 * @throws EnergyError INVALID | UNSUPPORTED | REFUSED.
 */
export function step(native: EvccNative, target: Target, encoded: Encoded): Step {
  checkPreconditions(native, target, encoded);
  const unchanged = inForce(target, encoded);
  const acknowledgements = new Set(target.setTopics);
  const readbacks = new Set(target.setter.readback.map((key) => target.prefix + key));
  return {
    publications: target.setTopics.map((topic) => ({ topic, payload: encoded.payload })),
    attainable: 'confirmed',
    // The mode is written again in each of the loadpoint's cycles, and some setters are always answered.
    already: unchanged,
    judge: (message: Message): Verdict => {
      if (message.retained || isCleanup(message)) return undefined;
      if (acknowledgements.has(message.topic)) {
        // Our own echo is not empty. The value may have come into force by somebody else's set meanwhile.
        if (message.payload.length > 0) return undefined;
        return { stage: !unchanged && inForce(target, encoded) ? 'confirmed' : 'accepted' };
      }
      return readbacks.has(message.topic) && inForce(target, encoded) ? { stage: 'confirmed' } : undefined;
    },
    afterSent: noAnswer(native, target),
    afterAccepted: afterAccepted(target, unchanged),
  };
}

/** Until released, or until evcc shows that somebody else (its UI, another loadpoint's flow) set something else. */
function repetition(target: Target, encoded: Encoded): Repetition | undefined {
  const { setter, prefix } = target;
  if (setter.repeat === undefined || encoded.value === null) return undefined;
  const readbacks = new Set(setter.readback.map((key) => prefix + key));
  return {
    every: setter.repeat,
    lasting: null,
    replacedBy: (message) => readbacks.has(message.topic) && !inForce(target, encoded),
  };
}

/** Sets to one topic must never overlap: evcc answers them without saying which one it means. */
function lane({ setter, setTopics }: Target): string {
  const [topic = ''] = setTopics;
  return setter.group === undefined ? topic : topic.replace(/[^/]+\/set$/, setter.group);
}

/** One set, as a command. A newer one for the same topic replaces it as long as it waits. */
export function single(native: EvccNative, target: Target, encoded: Encoded, value: unknown): Exchange {
  const repeat = repetition(target, encoded);
  return {
    lane: lane(target),
    supersedes: target.setter.group === undefined,
    quarantine: LATE_ANSWER,
    steps: [step(native, target, encoded)],
    ...(repeat === undefined ? {} : { repeat }),
    value,
  };
}

/** Several sets of one group, one after the other. */
export function several(native: EvccNative, sets: readonly (readonly [Target, Encoded])[], value: unknown): Exchange {
  const [first] = sets;
  return {
    lane: first === undefined ? '' : lane(first[0]),
    quarantine: LATE_ANSWER,
    steps: sets.map(([target, encoded]) => step(native, target, encoded)),
    value,
  };
}
