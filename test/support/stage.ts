/** Where a recording is replayed: chargers in Node-RED with their status and commands, and a witness of how far it got. */
import assert from 'node:assert/strict';
import type { ChargerStatus } from '../../src/chargers/status';
import { type AedesBroker, requireMosquitto, startAedes, startMosquitto, type TestBroker } from './broker';
import { carryOut, type Told } from './carry-out';
import { brokerNode, chargerNode, errorProbe } from './flows';
import { at, type FlowNode, type NodeRed, startNodeRed } from './node-red';
import { Player } from './player';
import { until } from './until';

/** What tells that everything before it has arrived, since it comes over the same connection. */
const WITNESS = 'witness/rbt';

export interface Part {
  readonly system: string;
  readonly baseTopic: string;
  /** s */
  readonly staleAfter?: string;
}

export class Stage {
  private seen = 0;

  constructor(
    private readonly red: NodeRed,
    private readonly broker: TestBroker | AedesBroker,
  ) {}

  /** A device that has published nothing yet. @param commands filters of what it is sent */
  player(commands: readonly string[]): Promise<Player> {
    const protocolVersion = 'published' in this.broker ? 4 : 5;
    return Player.connect(this.broker.url, {
      commands,
      protocolVersion,
      caughtUp: (publish) => this.caughtUp(publish),
    });
  }

  /** Fails when anybody but the device published something to be retained. */
  assertNoneRetained(player: Player): void {
    assert.deepEqual(player.retained, [], 'no command was retained');
    if (!('published' in this.broker)) return;
    assert.equal(this.broker.published.filter(({ retain }) => retain).length, player.kept, 'retained messages');
  }

  /** Deploys chargers, which are named by their place in the list from now on, and waits until all are listened to. */
  async deploy(parts: readonly Part[], player: Player): Promise<void> {
    const charger = ({ system, baseTopic, ...rest }: Part, name: number | 'witness', emit: string): FlowNode[] => [
      chargerNode(system, baseTopic, { id: `charger-${name}`, name: '', ...rest }),
      {
        id: `status-${name}`,
        type: 'charger-status',
        charger: `charger-${name}`,
        emit,
        native: true,
        wires: [[`states-${name}`]],
      },
      { id: `states-${name}`, type: 'probe' },
    ];
    await player.keep([{ topic: WITNESS, payload: String(this.seen), retain: true, qos: 1 }]);
    await this.red.deploy([
      brokerNode(this.broker.port),
      ...parts.flatMap((part, i) => charger(part, i, 'change')),
      ...charger({ system: 'go-e', baseTopic: 'witness' }, 'witness', 'message'),
      { id: 'control', type: 'charger-control', charger: '', wires: [['results']] },
      { id: 'results', type: 'probe' },
      ...errorProbe(),
    ]);
    await this.witness();
  }

  private async caughtUp(publish: (topic: string, payload: string) => void): Promise<void> {
    this.seen += 1;
    publish(WITNESS, String(this.seen));
    await this.witness();
  }

  private async witness(): Promise<void> {
    await this.red.next('states-witness', (message) => at(message, 'native.rbt') === this.seen);
  }

  /** What the charger's status node says now. */
  async status(part = 0): Promise<ChargerStatus> {
    const before = this.red.received(`states-${part}`).length;
    this.red.send(`status-${part}`, {});
    await until(() => this.red.received(`states-${part}`).length > before, 'the status');
    return at(this.red.received(`states-${part}`).at(-1), 'payload') as ChargerStatus;
  }

  /** The first status, told already or not, that fits. */
  async heard(fits: (status: ChargerStatus) => boolean, part = 0): Promise<ChargerStatus> {
    const message = await this.red.next(`states-${part}`, ({ payload }) => fits(payload as ChargerStatus));
    return message['payload'] as ChargerStatus;
  }

  /** The states that were told unasked or asked, without repetitions. */
  states(part = 0): string[] {
    const all = this.red.received(`states-${part}`).map((message) => String(at(message, 'payload.state')));
    return all.filter((state, i) => state !== all[i - 1]);
  }

  command(payload: object, part = 0): Promise<Told> {
    return carryOut(this.red, payload, { charger: `charger-${part}` });
  }
}

/** What a test of a recording is given: Node-RED, and the device that plays on its stage. */
export interface Given {
  readonly red: NodeRed;
  readonly stage: Stage;
  readonly player: Player;
}

/** Describes a suite over each broker, each test with a new one. @param commands filters of what the device is sent */
export function overBrokers(commands: readonly string[], suite: (given: () => Given) => void): void {
  let red: NodeRed;
  let broker: TestBroker;
  let stage: Stage;
  let player: Player;

  before(async () => {
    red = await startNodeRed();
  });
  after(() => red.stop());

  for (const [name, start] of [
    ['aedes', startAedes],
    ['mosquitto', startMosquitto],
  ] as const)
    describe(`over ${name}`, () => {
      before(function () {
        if (name === 'mosquitto') requireMosquitto(this);
      });
      beforeEach(async () => {
        broker = await start();
        stage = new Stage(red, broker);
        player = await stage.player(commands);
      });
      afterEach(async () => {
        await red.deploy([]);
        await player.end();
        await broker.stop();
      });

      suite(() => ({ red, stage, player }));
    });
}
