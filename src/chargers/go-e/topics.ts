/**
 * Where a go-e charger publishes. `<base><key>` is the state, `<base><key>/set` a command, `<base><key>/result` its
 * answer. The default base is `go-eCharger/<serial>/`, before firmware 054.6 with a leading slash; a prefix set by the
 * user (`mtp`) replaces all of it, the serial included.
 */
import { invalid } from '../../shared/errors';
import { isTopic } from '../../shared/topics';
import { findKey } from './keys';

const API_V1 = /^\/?go-eCharger\/[^/]+\/(status|cmd\/req)\/?$/;
const KEY_TOPIC = /^(.+)\/([A-Za-z0-9_]+)\/(?:set|result)\/?$/;
const DEFAULT_KEY_TOPIC = /^(\/?go-eCharger\/[^/]+)\/([A-Za-z0-9_]+)\/?$/;
const DEFAULT_BASE = /^\/?go-eCharger\/([^/]+)\/$/;

/** Told wherever an API v1 device is recognised. */
export const API_V1_TEXT =
  'this is a go-eCharger with API v1 (hardware V1 or V2), which speaks another protocol; API v2 needs hardware V3 or newer';

function problem(base: string): string | null {
  if (base === '')
    return 'is missing: it is go-eCharger/<serial>, or the topic prefix set in the go-e app. A charger whose prefix is empty needs one first, such as garage/';
  if (base.includes('://')) return 'is the address of a broker; a topic such as go-eCharger/123456 is needed';
  if (/[+#]/.test(base)) return 'must not contain + or #: it is the topic of one charger';
  if (!isTopic(base)) return 'must not contain control characters';
  if (/^\/?go-eController(\/|$)/.test(base)) return 'belongs to a go-eController, which is not a charger';
  if (API_V1.test(base)) return API_V1_TEXT;
  const [, above, key] = KEY_TOPIC.exec(base) ?? DEFAULT_KEY_TOPIC.exec(base) ?? [];
  if (above !== undefined && key !== undefined && findKey(key))
    return `is the topic of the key ${key}; what all keys of the charger have in common is needed: ${above}`;
  return null;
}

/**
 * The base topic as the driver uses it: with exactly one trailing slash, which the charger cannot do without (its own
 * filter would be illegal: `wallbox+/set`), and with the leading slash where the user typed one.
 * @throws EnergyError INVALID with a text that says what is wrong.
 */
export function normaliseBase(typed: string): string {
  const base = typed.trim();
  const fault = problem(base);
  if (fault !== null) throw invalid('the base topic', [{ path: 'baseTopic', message: fault }]);
  return `${base.replace(/\/+$/, '')}/`;
}

/** The serial in a default base topic; it is a text, since it may begin with zeros. */
export function serialOf(base: string): string | null {
  return DEFAULT_BASE.exec(base)?.[1] ?? null;
}

/**
 * What the charger publishes, and nothing of what we send: `<base>#` would also bring our own commands back.
 */
export function stateFilters(base: string): readonly string[] {
  return [`${base}+`, `${base}+/result`];
}
