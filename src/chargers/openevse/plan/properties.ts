/**
 * Claims and overrides: complete objects, always.
 *
 * For each of the two topics the gateway keeps what MQTT sent since its boot and merges every payload into that, not
 * into what is in force (all versions from 4.1.7). It forgets only when `release`/`clear` finds something to release.
 * A partial object would therefore revive properties of claims that are long gone. So each property is sent: set, or
 * `"clear"`. `state` knows no `"clear"`; see `publications`.
 */
import type { Exchange, Step, Verdict } from '../../../mqtt/exchange-types';
import type { Message, Publication } from '../../../mqtt/types';
import { invalid } from '../../../shared/errors';
import { validate as validateProperties, type OpenEvseProperties } from '../../../generated/openevse-properties';
import { documentObject, hasOverride, inForce, isNone, type Properties, toProperties } from '../documents';
import { StateCode, text } from '../keys';
import type { OpenEvseNative } from '../native';
import {
  checked,
  isEcho,
  oneStep,
  type Params,
  publication,
  since,
  timeout,
  UNCHANGED_BY_SILENCE,
  withinMaxCurrent,
} from './exchange';

export interface Channel {
  readonly key: 'claim' | 'override';
  readonly release: 'release' | 'clear';
  /** The firmware's own default, sent explicitly: an override's changes after the first `clear`. */
  readonly autoRelease: boolean;
}

export const CLAIM: Channel = { key: 'claim', release: 'release', autoRelease: false };
export const OVERRIDE: Channel = { key: 'override', release: 'clear', autoRelease: true };

const IGNORED = 'the charger says nothing to what it ignores, for instance when all its claim slots are taken';
/** ms; the controller follows a claim within a second. Later the charger's acknowledgement is all there is. */
const EFFECT_TIME = 5000;

function merged(before: Properties, patch: OpenEvseProperties): Properties {
  const { state, charge_current, max_current } = { ...before, ...patch };
  return {
    ...(state === undefined || state === 'clear' ? {} : { state }),
    ...(typeof charge_current === 'number' ? { charge_current } : {}),
    ...(typeof max_current === 'number' ? { max_current } : {}),
    auto_release: patch.auto_release ?? before.auto_release,
  };
}

function decidesNothing({ state, charge_current, max_current }: Properties): boolean {
  return state === undefined && charge_current === undefined && max_current === undefined;
}

function complete({ state, charge_current, max_current, auto_release }: Properties): string {
  return JSON.stringify({
    ...(state === undefined ? {} : { state }),
    charge_current: charge_current ?? 'clear',
    max_current: max_current ?? 'clear',
    auto_release,
  });
}

function equal(a: Properties, b: Properties): boolean {
  return complete(a) === complete(b);
}

/** What the arbitration has decided now, so that saying it once more changes nothing. */
function presentTarget(native: OpenEvseNative, before: Properties): Properties['state'] {
  const status = text(native.values, 'status');
  if (status === 'active' || status === 'disabled') return status;
  if (before.state !== undefined) return before.state;
  const code = native.settledState;
  if (code === StateCode.sleeping || code === StateCode.disabled) return 'disabled';
  return code === null || code > StateCode.charging ? undefined : 'active';
}

/** Whether the gateway's memory of this topic may hold a `state`. Only MQTT makes claims, so a claim's document shows it. */
function mayRememberState(native: OpenEvseNative, channel: Channel): boolean {
  const last = channel.key === 'claim' ? documentObject(native, 'claim') : null;
  return last === null || last['state'] !== undefined;
}

/**
 * A wanted object without `state` must not meet a remembered one: it would be merged in. The memory is emptied by
 * releasing, and releasing needs something to release. So first an object with the state that is in force anyway
 * (nothing switches), then the release, then the wanted object.
 */
function publications(native: OpenEvseNative, channel: Channel, before: Properties, wanted: Properties): Publication[] {
  const set = (payload: string): Publication => publication(native, `${channel.key}/set`, payload);
  if (wanted.state !== undefined || !mayRememberState(native, channel)) return [set(complete(wanted))];
  const state = presentTarget(native, before);
  const { state: _replaced, ...rest } = before;
  const harmless: Properties = state === undefined ? rest : { ...rest, state };
  return [set(complete(harmless)), set(channel.release), set(complete(wanted))];
}

/** Judges what is published last; the document must hold all that was wanted and nothing else. */
function isWanted(native: OpenEvseNative, channel: Channel, wanted: Properties): boolean {
  const document = documentObject(native, channel.key);
  return document !== null && equal(toProperties(document), wanted);
}

function judgeDocument(native: OpenEvseNative, channel: Channel, wanted: Properties, message: Message): Verdict {
  if (!isEcho(native, channel.key, message) || !isWanted(native, channel, wanted)) return undefined;
  return { stage: 'confirmed', value: documentObject(native, channel.key) };
}

function setProperties(native: OpenEvseNative, channel: Channel, patch: OpenEvseProperties): Exchange {
  const current = inForce(native, channel.key);
  const before = current ? toProperties(current) : { auto_release: channel.autoRelease };
  const wanted = merged(before, patch);
  if (decidesNothing(wanted)) return settingNothing(native, channel, patch);
  const sequence = publications(native, channel, before, wanted);
  // Documents come twice. What was wanted already is proven only after the release before it has shown.
  let begun = sequence.length === 1 || !equal(before, wanted);
  return oneStep(native, channel.key, {
    publications: sequence,
    attainable: 'confirmed',
    already: current !== null && native.trust[channel.key].live && equal(before, wanted),
    judge: (message) => {
      begun ||= isEcho(native, channel.key, message) && !isWanted(native, channel, wanted);
      return begun ? judgeDocument(native, channel, wanted, message) : undefined;
    },
    afterSent: timeout(IGNORED),
  });
}

/** An object without properties decides nothing, yet the gateway would hold it and show a manual override. */
function settingNothing(native: OpenEvseNative, channel: Channel, patch: OpenEvseProperties): Exchange {
  if (patch.state === undefined && patch.charge_current === undefined && patch.max_current === undefined) {
    const message = 'there is none that it could change; give state, charge_current or max_current too';
    throw invalid(channel.key, [{ path: 'auto_release', message }]);
  }
  return releaseProperties(native, channel);
}

/** `claim`, `override`: @throws EnergyError INVALID | UNSUPPORTED (gateways before 4.x). */
export function planProperties(channel: Channel, params: Params, native: OpenEvseNative): Exchange {
  const patch = checked(validateProperties, params, channel.key);
  since(4, native, channel.key);
  withinMaxCurrent(native, { charge_current: patch.charge_current, max_current: patch.max_current }, channel.key);
  return setProperties(native, channel, patch);
}

/** `setCurrent`: the claim with another charge current. */
export function planCurrent(native: OpenEvseNative, current: number): Exchange {
  return setProperties(native, CLAIM, { charge_current: current });
}

/**
 * `start`, `stop`: accepted when the claim is made, confirmed when the arbitration follows it. A manual override or a
 * reached limit beats a claim; then the command ends as accepted.
 */
export function planState(native: OpenEvseNative, state: 'active' | 'disabled'): Exchange {
  const exchange = setProperties(native, CLAIM, { state });
  const judge = (message: Message, step: Step): Verdict => {
    const claimed = step.judge?.(message);
    const decided = text(native.values, 'status') === state;
    if (claimed !== undefined) return decided ? claimed : { stage: 'accepted' };
    const claim = inForce(native, 'claim');
    const made = claim !== null && native.trust.claim.live && claim['state'] === state;
    return made && decided && isEcho(native, 'status', message) ? { stage: 'confirmed', value: claim } : undefined;
  };
  return {
    ...exchange,
    steps: exchange.steps.map((step) => ({
      ...step,
      judge: (message: Message) => judge(message, step),
      afterAccepted: { within: EFFECT_TIME, then: 'accepted' },
    })),
  };
}

/** Whether something is known to be in force, so that its release will be echoed. */
function expectsEcho(native: OpenEvseNative, channel: Channel): boolean {
  const { live } = native.trust[channel.key];
  if (live) return inForce(native, channel.key) !== null;
  return channel.key === 'override' && hasOverride(native) && native.heard;
}

/** Also an override whose end shows in the document, and not in `manual_override` yet; and one without a document. */
function isPresent(native: OpenEvseNative, { key }: Channel): boolean {
  return key === 'override' ? hasOverride(native) : inForce(native, key) !== null;
}

/** `release`, `claim.release`, `override.clear`: without anything to release the gateway stays silent. */
export function releaseProperties(native: OpenEvseNative, channel: Channel): Exchange {
  return oneStep(native, channel.key, {
    publications: [publication(native, `${channel.key}/set`, channel.release)],
    attainable: 'confirmed',
    // An empty document may come for other reasons, too.
    already: native.trust[channel.key].live && !isPresent(native, channel),
    judge: (message) =>
      isEcho(native, channel.key, message) && isNone(native.values.json(channel.key))
        ? { stage: 'confirmed', value: null }
        : undefined,
    afterSent: expectsEcho(native, channel) ? timeout(IGNORED) : UNCHANGED_BY_SILENCE,
  });
}

/**
 * `override.toggle`: releases any override, else makes one against the present target. Not idempotent: the echo of
 * an earlier command may still be on its way, so only the expected kind of document counts.
 */
export function toggleOverride(native: OpenEvseNative): Exchange {
  const known = native.values.get('override') !== undefined || native.values.get('manual_override') !== undefined;
  const hadOne = hasOverride(native);
  return oneStep(native, 'override', {
    publications: [publication(native, 'override/set', 'toggle')],
    attainable: 'confirmed',
    judge: (message) => {
      if (!isEcho(native, 'override', message)) return undefined;
      const document = documentObject(native, 'override');
      const toggled = hadOne ? document === null : document !== null;
      return toggled || !known ? { stage: 'confirmed', value: document } : undefined;
    },
    afterSent: timeout(IGNORED),
  });
}
