/** The model against what was recorded from a running evcc 0.313.2: same commands, same answers, same topics, same encodings. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { configOf, type EvccConfig } from '../../../../src/simulators/evcc/config';
import { type Message } from '../../../../src/simulators/evcc/encode';
import { EvccModel } from '../../../../src/simulators/evcc/model';

type Sent = readonly [topic: string, payload: string];

interface Exchange {
  /** ms since 1970 */
  readonly time: number;
  readonly topic: string;
  readonly payload: string;
  /** What evcc sent within 60 ms. */
  readonly answers: readonly Sent[];
}

const fixture = (name: string): string =>
  readFileSync(path.join(process.cwd(), 'test/fixtures/simulators/evcc', name), 'utf8');
const EXCHANGES = fixture('exchanges-0.313.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange);
const TREE = JSON.parse(fixture('tree-0.313.json')) as Readonly<Record<string, readonly string[]>>;

/** The recorded installation, as far as it can be simulated. */
const CONFIG: EvccConfig = configOf({
  interval: 5,
  loadpoints: [
    { title: 'Carport', mode: 'pv', currents: true, totalImport: 2345.678, vehicle: 'vehicle_1' },
    { title: 'Garage', mode: 'off', phaseSwitching: true, vehicle: 'vehicle_2' },
    {
      title: 'Heat pump',
      icon: 'heatpump',
      features: ['IntegratedDevice', 'SwitchDevice', 'Heating', 'Continuous'],
      heating: { temperature: 47.9, limit: 65, power: 4000 },
    },
  ],
  vehicles: [
    { name: 'vehicle_1', title: 'blue e-Golf', capacity: 44, soc: 62.1 },
    { name: 'vehicle_2', title: 'white Model 3', capacity: 80, soc: 21, limit: 90 },
    { name: 'vehicle_3', title: 'green Honda e', icon: 'car', capacity: 8, features: ['Offline'] },
    { name: 'vehicle_4', title: 'black VanMoof', icon: 'bike', capacity: 0.46, features: ['Offline'] },
  ],
  tariffs: { grid: Array.from({ length: 24 }, () => 0.253), feedIn: 0.08, co2: 392 },
  pv: 12_000,
  home: 900,
});

const START = (EXCHANGES[0]?.time ?? 0) - 62_000;

/** A started model whose loadpoints have all had their first cycle. */
function startedModel(): { readonly model: EvccModel; readonly sent: Message[] } {
  const model = new EvccModel(CONFIG, '0.313.2', START);
  const sent = model.start(START);
  for (let cycle = 1; cycle <= 12; cycle++) sent.push(...model.cycle(START + cycle * 5000));
  return { model, sent };
}

/** The kind of text that a payload is. */
function shape(payload: string): string {
  if (payload === '') return 'empty';
  if (payload === 'true' || payload === 'false') return 'bool';
  if (/^-?\d+(\.\d{1,3})?$/.test(payload)) return 'number';
  return /^[[{]|^null$/.test(payload) ? 'json' : 'text';
}

/** Sent on change, left out right after one, or empty without energy: follows from the physical house, and the recorded one had a charge meter that stood still. */
const PHYSICAL =
  /^loadpoints\/\d\/(enabled|pvAction|pvRemaining|phasesActive|vehicleRange|chargeRemaining\w+|session(Price|PricePerKWh|Co2PerKWh))$|^site\/batteryMode$/;
/** Measurements among what a command brings along: the topic counts, not the payload. */
const MEASURED =
  /^loadpoints\/\d\/(charge\w+|charging|offeredCurrent|session\w+|vehicleSoc|vehicleLimitSoc|last\w+Energy|todayEnergy)(\/l\d)?$/;
/** Outside what a command may touch, or not recorded. */
const ELSEWHERE = /^updated$|^site\/(aux|ext|grid\/|pv|battery\/|tariff|green|homePower)|suggestion$/;

/** Topics and payloads, without what differs for good reasons: repeated empties are not in the recording. */
function comparable(messages: readonly Sent[], last: ReadonlyMap<string, string>): Record<string, string> {
  const kept = messages.filter(([topic, payload]) => {
    if (ELSEWHERE.test(topic) || PHYSICAL.test(topic)) return false;
    return payload !== '' || topic.startsWith('vehicles/') || topic.endsWith('/set') || (last.get(topic) ?? '') !== '';
  });
  return Object.fromEntries(kept.map(([topic, payload]) => [topic, MEASURED.test(topic) ? 'measured' : payload]));
}

const asSent = (messages: readonly Message[]): Sent[] => messages.map(({ topic, payload }) => [topic, payload]);
const sorted = (record: Record<string, string>): [string, string][] =>
  Object.entries(record).sort(([a], [b]) => a.localeCompare(b));

describe('evcc simulator: the recorded exchanges of evcc 0.313.2', () => {
  const { model, sent } = startedModel();
  const simulatedLast = new Map<string, string>(asSent(sent));
  const recordedLast = new Map<string, string>();

  it('has a command for nearly every setter', () => {
    assert.ok(EXCHANGES.length > 90);
    const setters = new Set(EXCHANGES.map(({ topic }) => topic.split('/').at(-2)));
    assert.equal(setters.size, 31, [...setters].join(' '));
  });

  EXCHANGES.forEach(({ time, topic, payload, answers }, i) => {
    it(`${i + 1}: ${topic} ${payload}`, () => {
      const answer = model.command(topic, payload, time);
      const simulated = answer ? asSent([...answer.readback, answer.acknowledgement, ...answer.update]) : [];
      const expected = sorted(comparable(answers, recordedLast));
      assert.deepEqual(sorted(comparable(simulated, simulatedLast)), expected);
      for (const [name, value] of simulated) simulatedLast.set(name, value);
      for (const [name, value] of answers) recordedLast.set(name, value);
    });
  });
});

describe('evcc simulator: the recorded topics of evcc 0.313.2', () => {
  const simulated = new Map<string, Set<string>>();
  before(() => {
    const { sent } = startedModel();
    for (const { topic, payload } of sent) {
      simulated.set(topic, (simulated.get(topic) ?? new Set()).add(shape(payload)));
    }
  });

  const under = (prefix: string, topics: Iterable<string>): string[] =>
    [...topics].filter((topic) => topic.startsWith(prefix)).sort();

  for (const prefix of [
    'loadpoints/1/',
    'loadpoints/2/',
    'loadpoints/3/',
    'vehicles/vehicle_1/',
    'vehicles/vehicle_3/',
    'site/battery',
    'site/grid/',
    'site/pv',
  ]) {
    it(`has the same topics below ${prefix}`, () => {
      // Topics that the recording owes to a command.
      const commanded = /plan\/(soc|time)$|batteryModeExternal|batteryGridChargeLimit/;
      const recorded = under(prefix, Object.keys(TREE)).filter((topic) => !commanded.test(topic));
      assert.deepEqual(under(prefix, simulated.keys()), recorded);
    });
  }

  it('writes each topic in a form that was recorded for it', () => {
    const kin = (topic: string): string => topic.replace(/^(loadpoints|vehicles)\/[^/]+/, '$1');
    const forms = new Map<string, Set<string>>();
    for (const [topic, payloads] of Object.entries(TREE)) {
      for (const payload of payloads) forms.set(kin(topic), (forms.get(kin(topic)) ?? new Set()).add(shape(payload)));
    }
    const different = Object.keys(TREE).flatMap((topic) => {
      const recorded = forms.get(kin(topic)) ?? new Set();
      const own = [...(simulated.get(topic) ?? [])].filter((form) => !recorded.has(form));
      return own.map((form) => `${topic}: ${form}, recorded ${[...recorded].join('|')}`);
    });
    assert.deepEqual(different, []);
  });

  it('has all recorded topics of the site, but what needs a command', () => {
    const missing = under('site/', Object.keys(TREE)).filter((topic) => !simulated.has(topic));
    assert.deepEqual(missing, ['site/batteryGridChargeLimit', 'site/batteryModeExternal']);
  });
});
