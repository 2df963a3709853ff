/** What `set` and `get` of `charger-control` can name, by system, for the completion in its dialog. */
import type { NodeAPI } from 'node-red';
import { fixedKeys } from '../chargers/evcc/catalogue';
import { ALWAYS_CHARGE_WORDS, BATTERY_MODE_WORDS } from '../chargers/evcc/grammar';
import { MODE_WORDS } from '../chargers/evcc/modes';
import { type Kind, type Setter, SETTERS } from '../chargers/evcc/setters';
import { type GoeKey, goeKeys } from '../chargers/go-e/keys';

/** Facts about a kind of value, the same for all chargers of a system; never a value of a charger. */
export interface ValueEntry {
  /** go-e: a key. evcc: a topic below the loadpoint, or `site/…`, `vehicles/NAME/…`. */
  readonly name: string;
  readonly access: 'R' | 'W' | 'R/W';
  /** English; absent where the name says it. */
  readonly label?: string;
  readonly unit?: string;
  /** JSON types that `set` takes. */
  readonly types: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Permitted values, each with its name where it is a code. */
  readonly options?: readonly (readonly [value: string, name: string])[];
  /** `set` takes it only together with `allowRisky`. */
  readonly risky?: boolean;
}

function goeEntry({ key, access, label, unit, json, set, nullable, min, max, risky, ...rest }: GoeKey): ValueEntry {
  const names = rest.enumField === undefined ? Object.entries(rest.enum ?? {}) : [];
  const options = names.map(([code, name]) => [code, name ?? ''] as const);
  return {
    name: key,
    access,
    label,
    types: [...(set ?? json), ...(nullable ? ['null'] : [])],
    ...(unit === undefined ? {} : { unit }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(options.length === 0 ? {} : { options }),
    ...(risky ? { risky } : {}),
  };
}

const words = (all: readonly string[]): ValueEntry['options'] => all.map((word) => [word, '']);

/** What a setter takes, by the way its value is written. */
const KINDS: Readonly<Record<Kind, Pick<ValueEntry, 'types' | 'options'>>> = {
  int: { types: ['number'] },
  float: { types: ['number'] },
  floatOrNone: { types: ['number', 'null'] },
  bool: { types: ['boolean'] },
  mode: { types: ['string'], options: words(MODE_WORDS) ?? [] },
  alwaysCharge: { types: ['string'], options: words(ALWAYS_CHARGE_WORDS) ?? [] },
  batteryMode: { types: ['string', 'null'], options: words([...BATTERY_MODE_WORDS, 'none']) ?? [] },
  planEnergy: { types: ['object', 'null'] },
  planSoc: { types: ['object', 'null'] },
  strategy: { types: ['object', 'null'] },
  vehicle: { types: ['string', 'null'] },
  phases: {
    types: ['number'],
    options: [
      ['0', 'auto'],
      ['1', '1p'],
      ['3', '3p'],
    ],
  },
};

/** A vehicle's name stands in its topics; the user puts it there. */
const PREFIX: Readonly<Record<Setter['scope'], string>> = { loadpoint: '', site: 'site/', vehicle: 'vehicles/NAME/' };

/** All that evcc publishes of a loadpoint and of vehicles, and of the site what its setters read back. */
function evccReadable(): ReadonlySet<string> {
  const site = SETTERS.filter(({ scope, readbackScope = scope }) => readbackScope === 'site');
  return new Set([
    ...fixedKeys('loadpoint'),
    ...site.flatMap(({ readback }) => readback.map((key) => PREFIX.site + key)),
    ...fixedKeys('vehicle').map((key) => PREFIX.vehicle + key),
  ]);
}

function evccEntries(): ValueEntry[] {
  const readable = evccReadable();
  const setters = SETTERS.map(({ scope, topic, kind, min, max }): ValueEntry => {
    const name = PREFIX[scope] + topic;
    return {
      name,
      access: readable.has(name) ? 'R/W' : 'W',
      ...KINDS[kind],
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    };
  });
  const settable = new Set(setters.map(({ name }) => name));
  const others = [...readable].filter((name) => !settable.has(name));
  return [...setters, ...others.map((name): ValueEntry => ({ name, access: 'R', types: [] }))];
}

const CATALOGUES: ReadonlyMap<string, () => ValueEntry[]> = new Map([
  ['go-e', () => goeKeys.map(goeEntry)],
  ['evcc', evccEntries],
]);

/** undefined: a system without a catalogue. */
export function valueCatalogue(system: string): ValueEntry[] | undefined {
  return CATALOGUES.get(system)?.();
}

/** `GET home-energy/values/SYSTEM` -> array of entries. */
export function serveValues(RED: NodeAPI): void {
  RED.httpAdmin.get(
    '/home-energy/values/:system',
    RED.auth.needsPermission('charger-control.read'),
    (request, response) => {
      const entries = valueCatalogue(String(request.params['system']));
      if (entries) response.json(entries);
      else response.status(404).json({ code: 'UNSUPPORTED' });
    },
  );
}
