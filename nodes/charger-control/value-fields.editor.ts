/** Helper fields for `set` and `get`: they offer what the chosen charger's system has, and write the JSON value. */
import { input, valueOf } from '../../src/editor/form';

/** What the admin endpoint tells of a key or topic. */
interface Entry {
  readonly name: string;
  readonly access: 'R' | 'W' | 'R/W';
  readonly label?: string;
  readonly unit?: string;
  readonly types: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly options?: readonly (readonly [value: string, name: string])[];
  readonly risky?: boolean;
}

type Params = Record<string, unknown>;

/** The parameter that names the value, by system. */
const PARAMETER: Readonly<Record<string, 'key' | 'topic' | undefined>> = { 'go-e': 'key', evcc: 'topic' };

/** Longer lists are no help: typing narrows them. */
const MOST = 60;

const catalogues = new Map<string, readonly Entry[]>();

function load(system: string, done: () => void): void {
  if (catalogues.has(system)) {
    done();
    return;
  }
  void $.getJSON(`home-energy/values/${encodeURIComponent(system)}`).done((entries: readonly Entry[]) => {
    catalogues.set(system, entries);
    done();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isParams(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** What was typed, as JSON where that is a type the key takes: a name of digits stays a text. */
function toValue(text: string, types: readonly string[]): unknown {
  const value = parse(text);
  const fits = value !== undefined && (types.length === 0 || types.includes(typeOf(value)));
  return fits ? value : text;
}

function toText(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

function range({ min, max, unit = '' }: Entry): string {
  const bounds = min === undefined && max === undefined ? '' : `${min ?? ''} … ${max ?? ''}`;
  return [bounds, unit].filter(Boolean).join(' ');
}

function completion(value: string, explanation: string): { value: string; label: JQuery } {
  const label = $('<div></div>').append($('<b></b>').text(value));
  if (explanation) label.append($('<span></span>').text(` ${explanation}`));
  return { value, label };
}

function matches(typed: string, ...texts: readonly string[]): boolean {
  const wanted = typed.trim().toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

/** The values that can be listed; the first column is JSON, or a plain word. */
function choices({ options, types }: Entry): readonly (readonly [string, string])[] {
  const all =
    options ?? (types.includes('boolean') ? (['true', 'false'] as const).map((word) => [word, ''] as const) : []);
  return types.includes('null') ? [...all, ['null', '']] : all;
}

/** Attaches the fields to the open dialog. @param translate of the node's catalogue */
export function attachValueFields(translate: (key: string) => string): void {
  const [name, value] = [$('#charger-control-key'), $('#charger-control-new')];
  const typed = input('value');

  const system = (): string => toText(RED.nodes.node(valueOf(input('charger')))?.['system']);
  const command = (): string => valueOf(input('command'));
  const parameter = (): 'key' | 'topic' | undefined =>
    command() === 'set' || command() === 'get' ? PARAMETER[system()] : undefined;
  const entry = (): Entry | undefined => {
    const wanted = valueOf(name).replace(/^vehicles\/[^/]+\//, 'vehicles/NAME/');
    return catalogues.get(system())?.find((each) => each.name === wanted);
  };
  const params = (): Params => {
    const given = typed.typedInput('type') === 'json' ? parse(typed.typedInput('value')) : undefined;
    return isParams(given) ? given : {};
  };

  const describe = (): void => {
    const about = entry();
    const facts = about
      ? [about.label, range(about), about.risky && command() === 'set' ? translate('key.risky') : '']
      : [];
    const text = facts.filter(Boolean).join(' · ');
    $('#charger-control-about')
      .text(text)
      .toggle(text !== '');
  };
  const read = (): void => {
    const given = params();
    name.val(toText(given[parameter() ?? '']));
    value.val(toText(given['value']));
    describe();
  };
  const write = (): void => {
    const named = parameter();
    if (named === undefined || valueOf(name) === '') return;
    // What else stands there, such as allowRisky, stays.
    const { key: _key, topic: _topic, value: _value, ...others } = params();
    const wanted = valueOf(value);
    const set = command() === 'set' && wanted !== '' ? { value: toValue(wanted, entry()?.types ?? []) } : {};
    typed.typedInput('type', 'json');
    typed.typedInput('value', JSON.stringify({ [named]: valueOf(name), ...set, ...others }));
    describe();
  };
  const show = (): void => {
    const shown = parameter() !== undefined;
    $('#charger-control-helper').toggle(shown);
    $('#charger-control-new-row').toggle(command() === 'set');
    if (!shown) return;
    read();
    load(system(), () => {
      describe();
      // What was typed while the list was on its way is completed now.
      if (name.is(':focus') && valueOf(name) !== '') name.trigger('keyup');
    });
  };

  name.autoComplete({
    minLength: 0,
    search: (text: string) =>
      (catalogues.get(system()) ?? [])
        .filter(({ access }) => access !== (command() === 'set' ? 'R' : 'W'))
        .filter((each) => matches(text, each.name, each.label ?? ''))
        .slice(0, MOST)
        .map((each) => completion(each.name, each.label ?? range(each))),
  });
  value.autoComplete({
    minLength: 0,
    search: (text: string) => {
      const about = entry();
      const listed = about ? choices(about) : [];
      return listed.filter((each) => matches(text, ...each)).map(([word, meaning]) => completion(word, meaning));
    },
  });
  name.on('change', write);
  value.on('change', write);
  typed.on('change', () => {
    if (!name.is(':focus') && !value.is(':focus')) read();
  });
  input('command').on('change', () => {
    show();
    // A `get` takes no value.
    write();
  });
  input('charger').on('change', show);
  show();
}
