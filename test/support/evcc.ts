/** What the tests of evcc's nodes share: a loadpoint of a simulated evcc, with its status and its commands. */
import assert from 'node:assert/strict';
import {
  createEvccSimulator,
  type EvccSimulator,
  type EvccSimulatorOptions,
} from '../../src/simulators/evcc/simulator';
import { type EvccProfile, PROFILES } from '../../src/simulators/evcc/version';
import { type AedesBroker, startAedes } from './broker';
import { carryOut, type Told } from './carry-out';
import { brokerNode, chargerFlow, chargerNode } from './flows';
import { at, type NodeRed } from './node-red';
import { isOnline } from './states';

export const EVCC_PROFILES = Object.keys(PROFILES) as EvccProfile[];
export const LOADPOINT = 'evcc/loadpoints/1';

/** The first loadpoint charges from the start, and nothing but commands ends it. */
const LOADPOINTS = [
  { title: 'Carport', mode: 'now', phaseSwitching: true, currents: true, totalImport: 2345.678, vehicle: 'golf' },
  { title: 'Garage', mode: 'off' },
] as const;

interface Setup {
  readonly base?: string;
  readonly config?: object;
  readonly status?: object;
  readonly control?: object;
}

export class EvccBench {
  private readonly evccs: EvccSimulator[] = [];

  private constructor(
    private readonly red: NodeRed,
    public broker: AedesBroker,
  ) {}

  static async start(red: NodeRed): Promise<EvccBench> {
    return new EvccBench(red, await startAedes());
  }

  /** Stops everything but Node-RED; fails when a command was published to be retained. */
  async end(): Promise<void> {
    await this.red.deploy([]);
    for (const evcc of this.evccs) await evcc.kill();
    await this.broker.stop();
    assert.deepEqual(
      this.broker.published.filter(({ topic, payload, retain }) => topic.endsWith('/set') && payload !== '' && retain),
      [],
      'no command was retained',
    );
  }

  /** A control interval of 3 s, which pass in 0.15 s. */
  create(options: Partial<EvccSimulatorOptions> = {}): EvccSimulator {
    const evcc = createEvccSimulator({
      broker: this.broker.url,
      speed: 20,
      interval: 3,
      loadpoints: LOADPOINTS,
      ...options,
    });
    this.evccs.push(evcc);
    return evcc;
  }

  deploy({ base = LOADPOINT, config = {}, status = {}, control = {} }: Setup = {}): Promise<void> {
    return this.red.deploy([
      brokerNode(this.broker.port),
      chargerNode('evcc', base, config),
      ...chargerFlow({ status, control }),
    ]);
  }

  async connect(options: Partial<EvccSimulatorOptions> = {}, setup: Setup = {}): Promise<EvccSimulator> {
    const evcc = this.create(options);
    await evcc.start();
    await this.deploy(setup);
    await this.red.next('states', isOnline);
    return evcc;
  }

  command(payload: object): Promise<Told> {
    return carryOut(this.red, payload);
  }

  /** The member at a path of the last status. */
  latest(path: string): unknown {
    return at(this.red.received('states').at(-1), `payload.${path}`);
  }

  /** Commands as they came to the broker; the empty ones are evcc's acknowledgements. */
  sets(): string[] {
    return this.broker.published
      .filter(({ topic, payload }) => topic.endsWith('/set') && payload !== '')
      .map(({ topic, payload }) => `${topic} ${payload}`);
  }
}
