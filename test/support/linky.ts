/** What the tests of the Linky nodes share: flows, a broker with simulated clients of the meters, what shows of them. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { addDays, localDate } from '../../src/linky/clock';
import {
  createLinkySimulator,
  type LinkySimulator,
  type LinkySimulatorOptions,
} from '../../src/simulators/linky/simulator';
import { type AedesBroker, startAedes } from './broker';
import { errorProbe } from './flows';
import { at, type FlowNode, MAJOR, type NodeRed, type Received } from './node-red';
import { until } from './until';

export const PDL = '12345678901234';
export const OTHER = '00012345678901';
const TODAY = localDate(Date.now());
export const YESTERDAY = addDays(TODAY, -1);
/** When the data of the day before are there, whatever the hour at which the tests run. */
export const NOON = Date.parse(`${TODAY}T11:00:00Z`);

/** `linky` -> probe `readings`, what fails -> `errors`, statuses -> `statuses`. */
export const consumption = (properties: object = {}): FlowNode[] => [
  { id: 'linky', type: 'linky-consumption', broker: 'broker', wires: [['readings']], ...properties },
  { id: 'readings', type: 'probe' },
  { id: 'status', type: 'status', scope: null, wires: [['statuses']] },
  { id: 'statuses', type: 'probe' },
  ...errorProbe(),
];

export const hasDataset =
  (dataset: string, pdl?: string) =>
  (message: Received): boolean =>
    at(message, 'payload.dataset') === dataset && (pdl === undefined || at(message, 'payload.pdl') === pdl);

/** What the log of Node-RED offers. */
interface Logging {
  readonly log: { addHandler(handler: EventEmitter): void; removeHandler(handler: EventEmitter): void };
}

export class LinkyBench {
  private readonly simulators: LinkySimulator[] = [];
  /** All that Node-RED and its nodes write into the log. */
  readonly logged: string[] = [];
  private readonly log = new EventEmitter().on(
    'log',
    ({ msg }: { msg: unknown }) => void this.logged.push(String(msg)),
  );

  private constructor(
    private readonly red: NodeRed,
    private readonly logging: Logging['log'],
    public broker: AedesBroker,
  ) {
    logging.addHandler(this.log);
  }

  static async start(red: NodeRed): Promise<LinkyBench> {
    const { default: runtime } = (await import(`node-red-${MAJOR}`)) as { default: Logging };
    return new LinkyBench(red, runtime.log, await startAedes());
  }

  /** Stops everything but Node-RED; fails when a meter number stands in its log or in a status. */
  async end(): Promise<void> {
    const shown = this.red.received('statuses').map((message) => String(at(message, 'status.text')));
    await this.red.deploy([]);
    await this.stopSimulators();
    await this.broker.stop();
    this.logging.removeHandler(this.log);
    for (const text of [...this.logged, ...shown]) assert.ok(!text.includes(PDL) && !text.includes(OTHER), text);
  }

  async simulate(options: Partial<LinkySimulatorOptions> = {}): Promise<LinkySimulator> {
    const simulator = createLinkySimulator({
      broker: this.broker.url,
      history: 5,
      startTime: Math.max(NOON, Date.now()),
      // Its status tells whole seconds: a sync must take some, of its own time.
      speed: 100,
      syncDuration: 3_000,
      ...options,
    });
    this.simulators.push(simulator);
    await simulator.start();
    return simulator;
  }

  async stopSimulators(): Promise<void> {
    for (const simulator of this.simulators.splice(0)) await simulator.stop();
  }

  count(probe: string): number {
    return this.red.received(probe).length;
  }

  /** The next message of a probe after sending something to a node. */
  async answer(probe: string, node: string, message: object): Promise<Received> {
    const before = this.count(probe);
    this.red.send(node, message);
    await until(() => this.count(probe) > before, `a message at ${probe}`);
    return this.red.received(probe)[before]!;
  }

  /** Resolves when a node has subscribed so many times; the status is the last of its filters. */
  subscribed(times: number): Promise<void> {
    return until(
      () => this.broker.subscribed.filter((filter) => filter === 'myelectricaldata/status').length === times,
      `${times} subscriptions`,
    );
  }

  /** A new value, which shows that everything published before it has been dealt with. */
  async mark(value: number): Promise<void> {
    const payload = JSON.stringify({ value, unit: 'kWh', date: YESTERDAY });
    await this.broker.publish(`myelectricaldata/${OTHER}/consumption/daily/hc`, payload);
    await this.red.next('readings', (message) => at(message, 'payload.value') === value);
  }
}
