/** Session limits. The gateway merges partial ones into older ones, even after `clear`: all three members, always. */
import type { Exchange } from '../../../mqtt/exchange-types';
import type { Message } from '../../../mqtt/types';
import { validate as validateLimit } from '../../../generated/openevse-limit';
import { validate as validateSetLimit, type OpenEvseSetLimit } from '../../../generated/openevse-set-limit';
import { invalid } from '../../../shared/errors';
import { tellValue } from '../../tell-value';
import { type Limit, toLimit } from '../documents';
import { gatewayConfig } from '../gateway-config';
import type { OpenEvseNative } from '../native';
import { checked, isEcho, oneStep, type Params, publication, since, timeout } from './exchange';

const KM_PER_MILE = 1.609344;

/** The topic carries plain `true` and `false` too, which are no documents. */
function isLimitDocument(native: OpenEvseNative, message: Message): boolean {
  return isEcho(native, 'limit', message) && (message.payload[0] === 0x7b || message.payload[0] === 0x5b);
}

/** In the charger's default state `disabled`, a limit with `auto_release` starts charging (firmware 5.1.5 and later). */
function setLimit(native: OpenEvseNative, limit: Limit): Exchange {
  const { type, value, auto_release } = limit;
  const present = (): Limit | null => toLimit(native.values.json('limit'));
  const isPresent = (): boolean => {
    const now = present();
    return now?.type === type && now.value === value && now.auto_release === auto_release;
  };
  return oneStep(native, 'limit', {
    publications: [publication(native, 'limit/set', JSON.stringify({ type, value, auto_release }))],
    attainable: 'confirmed',
    already: native.heard && isPresent(),
    judge: (message) =>
      isLimitDocument(native, message) && isPresent() ? { stage: 'confirmed', value: present() } : undefined,
    afterSent: timeout('the charger says nothing to a limit that it ignores'),
  });
}

/** `limit`: in the firmware's own units. @throws EnergyError INVALID | UNSUPPORTED (before 5.0.0). */
export function planLimit(params: Params, native: OpenEvseNative): Exchange {
  const { type, value, auto_release = true } = checked(validateLimit, params, 'limit');
  since(5, native, 'limit');
  return setLimit(native, { type, value, auto_release });
}

function firmwareValue({ type, value }: OpenEvseSetLimit, native: OpenEvseNative): number {
  switch (type) {
    case 'time':
      return value / 60;
    case 'range':
      // Miles are rounded: a whole number of km is hardly ever one of miles.
      return gatewayConfig(native)?.rangeInMiles ? Math.max(1, Math.round(value / KM_PER_MILE)) : value;
    default:
      return value;
  }
}

/** `setLimit`: in Wh, s, % or km. @throws EnergyError INVALID for what the firmware, which counts whole units, would cut. */
export function planNeutralLimit(params: Params, native: OpenEvseNative): Exchange {
  const wanted = checked(validateSetLimit, params, 'setLimit');
  since(5, native, 'setLimit');
  const value = firmwareValue(wanted, native);
  if (!Number.isInteger(value)) {
    const message = wanted.type === 'time' ? 'must be whole minutes (a multiple of 60 s)' : 'must be a whole number';
    throw invalid('setLimit', [{ path: 'value', message }]);
  }
  if (wanted.type === 'soc' && value > 100) {
    throw invalid('setLimit', [{ path: 'value', message: 'must be at most 100 %' }]);
  }
  const exchange = setLimit(native, { type: wanted.type, value, auto_release: true });
  return tellValue(exchange, { type: wanted.type, value: wanted.value });
}

/** `limit.clear`, `clearLimit`: always echoed. */
export function clearLimit(native: OpenEvseNative, command: string): Exchange {
  since(5, native, command);
  const isNone = (): boolean => toLimit(native.values.json('limit')) === null;
  return oneStep(native, 'limit', {
    publications: [publication(native, 'limit/set', 'clear')],
    attainable: 'confirmed',
    already: native.heard && native.values.get('limit') !== undefined && isNone(),
    judge: (message) =>
      isLimitDocument(native, message) && isNone() ? { stage: 'confirmed', value: null } : undefined,
  });
}
