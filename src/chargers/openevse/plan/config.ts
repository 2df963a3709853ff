/** Settings of the gateway. It coerces what it gets and ignores what it does not know, so both are refused here. */
import type { Exchange, Silence, Verdict } from '../../../mqtt/exchange-types';
import type { Message } from '../../../mqtt/types';
import { validate } from '../../../generated/openevse-config';
import { type Fault, invalid } from '../../../shared/errors';
import type { JsonObject } from '../../status';
import { configDocument, maskConfig, SECRET_PLACEHOLDER } from '../gateway-config';
import type { OpenEvseNative } from '../native';
import {
  checked,
  isEcho,
  oneStep,
  type Params,
  publication,
  SENT_BY_SILENCE,
  since,
  timeout,
  UNCHANGED_BY_SILENCE,
  withinMaxCurrent,
} from './exchange';

/** Network and MQTT settings: they drop the link at once, and after a wrong one the charger does not come back. */
const RISKY = /^(mqtt_.*|ssid|pass|hostname)$/;

type Settings = Readonly<Record<string, string | number | boolean>>;

function faultOf(setting: string, value: unknown, present: JsonObject | null, allowRisky: boolean): Fault | null {
  if (RISKY.test(setting) && !allowRisky) {
    return { path: setting, message: 'can cut the charger off; set allowRisky to true to change it all the same' };
  }
  if (present === null) return null;
  const before = Object.hasOwn(present, setting) ? present[setting] : undefined;
  if (before === undefined) return { path: setting, message: 'is not a setting of this charger' };
  if (typeof before === typeof value) return null;
  return { path: setting, message: `must be a ${typeof before}` };
}

/** Numbers may come back in single precision; a secret comes back as its placeholder. */
function sameSetting(wanted: unknown, echo: unknown): boolean {
  if (typeof wanted === 'number' && typeof echo === 'number') {
    return Math.abs(wanted - echo) <= 1e-6 * Math.max(1, Math.abs(wanted));
  }
  return wanted === echo;
}

function allInForce(settings: Settings, document: JsonObject | null, secretsToo: boolean): boolean {
  return (
    document !== null &&
    Object.entries(settings).every(
      ([setting, wanted]) =>
        sameSetting(wanted, document[setting]) || (secretsToo && document[setting] === SECRET_PLACEHOLDER),
    )
  );
}

function silence(settings: Settings, present: JsonObject | null): Silence {
  if (Object.keys(settings).some((setting) => RISKY.test(setting))) return SENT_BY_SILENCE;
  if (allInForce(settings, present, false)) return UNCHANGED_BY_SILENCE;
  return timeout('the charger says nothing when nothing changes or the settings are unknown to it');
}

/** `config_version` tells of a change at once, the document about 100 ms later. */
function judge(native: OpenEvseNative, settings: Settings, message: Message): Verdict {
  if (isEcho(native, 'config', message)) {
    const document = configDocument(native);
    return document && allInForce(settings, document, true)
      ? {
          stage: 'confirmed',
          value: maskConfig(Object.fromEntries(Object.keys(settings).map((key) => [key, document[key]]))),
        }
      : undefined;
  }
  return isEcho(native, 'config_version', message) ? { stage: 'accepted' } : undefined;
}

/** `config`: settings by name, and `allowRisky` beside them. */
export function planConfig(params: Params, native: OpenEvseNative): Exchange {
  const { allowRisky = false, ...rest } = checked(validate, params, 'config');
  since(5, native, 'config');
  const settings = rest as Settings;
  const present = configDocument(native);
  const entries = Object.entries(settings);
  if (entries.length === 0) throw invalid('config', [{ path: '', message: 'needs at least one setting' }]);
  const faults = entries
    .map(([setting, value]) => faultOf(setting, value, present, allowRisky))
    .filter((fault) => fault !== null);
  if (faults.length > 0) throw invalid('config', faults);
  withinMaxCurrent(native, { max_current_soft: settings['max_current_soft'] }, 'config');
  return oneStep(native, 'config', {
    publications: [publication(native, 'config/set', JSON.stringify(settings))],
    attainable: 'confirmed',
    judge: (message) => judge(native, settings, message),
    afterSent: silence(settings, present),
    // The gateway publishes no document while the controller starts.
    afterAccepted: { then: 'accepted' },
  });
}
