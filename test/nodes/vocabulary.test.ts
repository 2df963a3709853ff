import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { ChargerStatus, System } from '../../src/chargers/status';
import { createEvccSimulator } from '../../src/simulators/evcc/simulator';
import { createGoESimulator } from '../../src/simulators/go-e/simulator';
import { createOpenEvseSimulator } from '../../src/simulators/openevse';
import type { Simulator } from '../../src/simulators/simulator';
import { type AedesBroker, startAedes } from '../support/broker';
import { brokerNode, errorProbe } from '../support/flows';
import { at, type FlowNode, MAJOR, type NodeRed, startNodeRed } from '../support/node-red';
import { until } from '../support/until';

/** One charger and its car, whatever the system. */
interface Place {
  readonly system: System;
  readonly baseTopic: string;
  readonly simulator: Simulator;
  arrive(): void;
  leave(): void;
}

function createPlaces(broker: string): Place[] {
  const openevse = createOpenEvseSimulator({ broker, speed: 10 });
  const goe = createGoESimulator({ broker, speed: 10, serial: '123456', variant: 22 });
  const evcc = createEvccSimulator({
    broker,
    speed: 20,
    interval: 3,
    loadpoints: [{ title: 'Carport', mode: 'now', maxCurrent: 16 }],
  });
  return [
    {
      system: 'openevse',
      baseTopic: openevse.name,
      simulator: openevse,
      arrive: () => openevse.plugIn(),
      leave: () => openevse.unplug(),
    },
    {
      system: 'go-e',
      baseTopic: 'go-eCharger/123456',
      simulator: goe,
      arrive: () => goe.plugIn(),
      leave: () => goe.unplug(),
    },
    {
      system: 'evcc',
      baseTopic: 'evcc/loadpoints/1',
      simulator: evcc,
      arrive: () => evcc.plugIn(1, 'golf'),
      leave: () => evcc.unplug(1),
    },
  ];
}

/**
 * One flow: more than 10 A are stopped; what was stopped goes on with 10 A. Nothing in it knows the system but the
 * `energy-charger`. `id` tells the copies of the flow apart.
 */
function flow(id: string, { system, baseTopic }: Pick<Place, 'system' | 'baseTopic'>): FlowNode[] {
  const charger = `${id}-charger`;
  const rule = (name: string, property: string, test: object, to: string): FlowNode => ({
    ...{ id: `${id}-${name}`, type: 'switch', propertyType: 'msg', property, rules: [test] },
    ...{ checkall: 'true', outputs: 1, wires: [[`${id}-${to}`]] },
  });
  const control = (name: string, command: string, value = '', ...then: string[]): FlowNode => ({
    ...{ id: `${id}-${name}`, type: 'charger-control', charger, command, value, valueType: 'num' },
    wires: [['results', ...then].map((each) => `${id}-${each}`)],
  });
  const begins = { t: 'jsonata_exp', v: 'payload.state = "paused" and "state" in changed', vt: 'jsonata' };
  return [
    { id: charger, type: 'energy-charger', broker: 'broker', name: 'Place', system, baseTopic },
    { id: `${id}-status`, type: 'charger-status', charger, wires: [[`${id}-states`, `${id}-draws`, `${id}-pauses`]] },
    { id: `${id}-states`, type: 'probe' },
    rule('draws', 'payload.power', { t: 'gt', v: '1000', vt: 'num' }, 'much'),
    rule('much', 'payload.current', { t: 'gt', v: '10', vt: 'num' }, 'stop'),
    rule('pauses', 'payload', begins, 'ten'),
    control('stop', 'stop'),
    control('ten', 'setCurrent', '10', 'start'),
    control('start', 'start'),
    { id: `${id}-results`, type: 'probe' },
  ];
}

/** What the three sequences are compared by. */
type Step = readonly [state: string, connected: boolean | null, current: 'more' | number | null, by: string | null];

/**
 * Where the systems honestly differ:
 * - `unknown`: which values come first is each system's own.
 * - `connected`: for how long a car is there before it draws (evcc looks once per interval; the others see it at once),
 *   and for how long a go-e charger waits to be sure that it is gone.
 * - `complete` before the car draws again: a go-e charger says so of each car that has had some energy.
 */
const TRANSIENT: ReadonlySet<string> = new Set(['unknown', 'connected', 'complete']);

/** As one system would tell it; null for what another does not tell at all. */
function normalise({ state, vehicle, current, control }: ChargerStatus): Step | null {
  if (TRANSIENT.has(state)) return null;
  if (state !== 'charging' && state !== 'paused') return [state, vehicle.connected, null, null];
  // What is offered while nothing may be drawn: OpenEVSE keeps its pilot's current, evcc says 0, go-e what it would grant.
  if (state === 'paused') return [state, vehicle.connected, null, decider(control.by)];
  // evcc sends each value by itself: that it charges may come before what it offers.
  if (current === null || current < 6) return null;
  // Before the command each charger has its own most, and evcc has always a mode that somebody chose.
  if (current > 10) return [state, vehicle.connected, 'more', null];
  return [state, vehicle.connected, current, decider(control.by)];
}

/** OpenEVSE tells a command over MQTT (a claim) from one at its panel; the others know only that somebody gave one. */
function decider(by: ChargerStatus['control']['by']): string | null {
  return by === 'claim' ? 'manual' : by;
}

/** Without what repeats itself: how often a state is told says nothing. */
function sequence(states: readonly ChargerStatus[]): Step[] {
  const steps: Step[] = [];
  for (const step of states.map(normalise)) {
    if (step && JSON.stringify(step) !== JSON.stringify(steps.at(-1))) steps.push(step);
  }
  return steps;
}

const SCENARIO: readonly Step[] = [
  ['disconnected', false, null, null],
  ['charging', true, 'more', null],
  ['paused', true, null, 'manual'],
  ['charging', true, 10, 'manual'],
  ['disconnected', false, null, null],
];

describe(`nodes: one vocabulary for three systems in Node-RED ${MAJOR}`, function () {
  this.timeout(60_000);
  let red: NodeRed;
  let broker: AedesBroker;
  let places: Place[];

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());
  beforeEach(async () => {
    broker = await startAedes();
    places = createPlaces(broker.url);
    for (const { simulator } of places) await simulator.start();
  });
  afterEach(async () => {
    await red.deploy([]);
    for (const { simulator } of places) await simulator.stop();
    await broker.stop();
  });

  const states = (system: string): ChargerStatus[] =>
    red.received(`${system}-states`).map((message) => at(message, 'payload') as ChargerStatus);
  const latest = (system: string): ChargerStatus | undefined => states(system).at(-1);

  it('carries one flow through one scenario on each, by exchanging the charger alone', async () => {
    await red.deploy([
      brokerNode(broker.port),
      ...places.flatMap((place) => flow(place.system, place)),
      ...errorProbe(),
    ]);
    const all = (holds: (system: System) => boolean, what: string): Promise<void> =>
      until(() => places.every(({ system }) => holds(system)), what, 25_000);
    await all((system) => latest(system)?.state === 'disconnected', 'no car anywhere');
    for (const place of places) place.arrive();
    await all((system) => sequence(states(system)).length === SCENARIO.length - 1, 'cars that charge with 10 A');
    for (const place of places) place.leave();
    await all((system) => latest(system)?.state === 'disconnected', 'no car any more');
    for (const { system } of places) assert.deepEqual(sequence(states(system)), SCENARIO, system);
    assert.deepEqual(red.received('errors'), []);
    for (const { system } of places) {
      const results = red.received(`${system}-results`).map(({ payload }) => payload);
      assert.deepEqual([...new Set(results.map((result) => at(result, 'command')))].sort(), [
        'setCurrent',
        'start',
        'stop',
      ]);
      for (const result of results) {
        assert.deepEqual(Object.keys(result as object), ['command', 'charger', 'outcome', 'elapsed', 'value', 'reply']);
        assert.ok(['confirmed', 'unchanged'].includes(String(at(result, 'outcome'))), JSON.stringify(result));
        if (at(result, 'command') === 'setCurrent') assert.equal(at(result, 'value'), 10, system);
      }
    }
  });

  it('fills the same members of the status on each', async () => {
    await red.deploy([brokerNode(broker.port), ...places.flatMap((place) => flow(place.system, place))]);
    await until(() => places.every(({ system }) => latest(system)?.online === true), 'three chargers');
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
        : null;
    const members = places.map(({ system }) => {
      const { vehicle, phases, limits, ...rest } = latest(system) ?? {};
      return [Object.keys(rest), ...[vehicle, phases, limits].map(shape)];
    });
    for (const each of members) assert.deepEqual(each, members[0]);
  });

  it('runs the example: each car that comes gets 10 A, and one button stops all', async () => {
    const file = path.join(process.cwd(), 'examples/Chargers/One flow for three systems.json');
    const example = (JSON.parse(fs.readFileSync(file, 'utf8')) as FlowNode[])
      .filter(({ type }) => type !== 'tab')
      .map((node): FlowNode => {
        if (node.type === 'energy-broker') return { ...node, broker: '127.0.0.1', port: String(broker.port) };
        // The rule is switched off in the example, so that nothing is changed unasked.
        const { d: _disabled, ...enabled } = node;
        return node.type === 'debug' ? { ...enabled, type: 'probe' } : enabled;
      });
    const idOf = (type: string, name: string): string => {
      const found = example.find((node) => node.type === type && node['name'] === name);
      assert.ok(found, `${type} ${name}`);
      return found.id;
    };
    await red.deploy(example.map((node) => ({ ...node, z: 'tab' })));
    const results = (command: string): unknown[] =>
      red
        .received(idOf('probe', 'result'))
        .map(({ payload }) => payload)
        .filter((payload) => at(payload, 'command') === command);
    for (const place of places) place.arrive();
    await until(() => results('setCurrent').length === 3, 'three limited cars', 15_000);
    assert.deepEqual(
      results('setCurrent')
        .map((result) => [at(result, 'charger.system'), at(result, 'outcome')])
        .sort(),
      [
        ['evcc', 'confirmed'],
        ['go-e', 'confirmed'],
        ['openevse', 'confirmed'],
      ],
    );
    for (const [button, command] of [
      ['stop all', 'stop'],
      ['start all', 'start'],
    ] as const) {
      red.send(idOf('inject', button), {});
      await until(() => results(command).length === 3, `all to ${command}`, 15_000);
      assert.deepEqual(new Set(results(command).map((result) => at(result, 'outcome'))), new Set(['confirmed']));
    }
    assert.deepEqual(red.received(idOf('probe', 'error')), []);
  });
});
