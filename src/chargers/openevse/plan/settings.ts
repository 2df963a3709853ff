/** Divert mode, shaper, restart. */
import type { Exchange, Step, Verdict } from '../../../mqtt/exchange-types';
import type { Message } from '../../../mqtt/types';
import { validate as validateDivertmode } from '../../../generated/openevse-divertmode';
import { validate as validateRestart } from '../../../generated/openevse-restart';
import { validate as validateSetMode } from '../../../generated/openevse-set-mode';
import { validate as validateShaper } from '../../../generated/openevse-shaper';
import { EnergyError } from '../../../shared/errors';
import { toNumber } from '../../key-values';
import { DIVERT_MODES, type DivertMode, flag, StateCode } from '../keys';
import type { OpenEvseNative } from '../native';
import { checked, isEcho, oneStep, type Params, publication, since, timeout, UNCHANGED_BY_SILENCE } from './exchange';

/** The gateway echoes changes only; after 5.1.5 it ignores `normal` while a schedule window drives divert. */
function setDivertMode(native: OpenEvseNative, mode: DivertMode): Exchange {
  const code = DIVERT_MODES[mode];
  const isMode = (): boolean => toNumber(native.values.get('divertmode')) === code;
  return oneStep(native, 'divertmode', {
    publications: [publication(native, 'divertmode/set', String(code))],
    attainable: 'confirmed',
    already: native.heard && isMode(),
    judge: (message) =>
      isEcho(native, 'divertmode', message) && isMode() ? { stage: 'confirmed', value: mode } : undefined,
    afterSent: isMode()
      ? UNCHANGED_BY_SILENCE
      : timeout('the charger says nothing when it is in that mode already or a schedule drives divert'),
  });
}

/** `divertmode`: 1, 2, `normal`, `eco`. */
export function planDivertmode(params: Params, native: OpenEvseNative): Exchange {
  const { mode } = checked(validateDivertmode, params, 'divertmode');
  if (typeof mode === 'string') return setDivertMode(native, mode);
  return setDivertMode(native, mode === DIVERT_MODES.eco ? 'eco' : 'normal');
}

/** `setMode`: @throws EnergyError UNSUPPORTED for the modes of other systems. */
export function planMode(params: Params, native: OpenEvseNative): Exchange {
  const { mode } = checked(validateSetMode, params, 'setMode');
  if (mode === 'normal' || mode === 'eco') return setDivertMode(native, mode);
  throw new EnergyError('UNSUPPORTED', `an OpenEVSE charger has no mode ${mode}; it has normal and eco`);
}

/** `shaper`: enabled without a live-power feed it pauses charging within 2 s. Lasts until the gateway restarts. */
export function planShaper(params: Params, native: OpenEvseNative): Exchange {
  const enabled = Boolean(checked(validateShaper, params, 'shaper').enabled);
  since(4, native, 'shaper');
  const isPresent = (): boolean => flag(native.values, 'shaper') === enabled;
  return oneStep(native, 'shaper', {
    publications: [publication(native, 'shaper/set', enabled ? '1' : '0')],
    attainable: 'confirmed',
    already: native.heard && isPresent(),
    judge: (message) =>
      isEcho(native, 'shaper', message) && isPresent() ? { stage: 'confirmed', value: enabled } : undefined,
  });
}

/** A gateway that restarted counts its uptime anew and connects again (10 to 30 s); a controller passes state 0. */
function judgeRestart(
  native: OpenEvseNative,
  device: 'gateway' | 'evse',
  uptime: number | null,
  message: Message,
): Verdict {
  const { values } = native;
  const reconnected = isEcho(native, 'mqtt_connected', message);
  const now = isEcho(native, 'uptime', message) ? toNumber(values.get('uptime')) : null;
  const rebooted = reconnected || (uptime !== null && now !== null && now < uptime);
  const reset = isEcho(native, 'state', message) && toNumber(values.get('state')) === StateCode.starting;
  return (device === 'gateway' ? rebooted : reset) ? { stage: 'confirmed' } : undefined;
}

/** `restart`: `gateway` or `evse`. The payload holds that one member only: more would not be parsed. */
export function planRestart(params: Params, native: OpenEvseNative): Exchange {
  const { device } = checked(validateRestart, params, 'restart');
  since(5, native, 'restart');
  const uptime = toNumber(native.values.get('uptime'));
  const step: Step = {
    publications: [publication(native, 'restart', JSON.stringify({ device }))],
    attainable: 'confirmed',
    judge: (message) => judgeRestart(native, device, uptime, message),
    afterSent: { then: 'sent' },
  };
  return oneStep(native, 'restart', step);
}
