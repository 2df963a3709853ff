/**
 * CPU per incoming message, with one and with 5,000 OpenEVSE chargers, against a bare MQTT.js client with an empty
 * handler, the same subscriptions and the same messages from the same broker; and the heap of a go-e charger with 300
 * keys. The broker and each measurement are processes of their own, so that none pays for another. Prints ratios, since times depend on the machine.
 * Run it with `node dist/bench/dispatch.bench.js` after a build with tests.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Directory } from '../src/chargers/directory';
import { goeKeys } from '../src/chargers/go-e/keys';
import { KEY_FACTS } from '../src/chargers/openevse/keys';
import { Charger } from '../src/chargers/state';
import { type AnyDriver, DRIVERS } from '../src/chargers/systems';
import { Connection } from '../src/mqtt/connection';
import { readServers } from '../src/mqtt/servers';

const CHARGERS = 5_000;
/** Keys of the set that a gateway publishes every 30 s. */
const CORE_SET = 40;
const ROUNDS = 5;
/** Messages of one measurement. */
const MESSAGES = CHARGERS * CORE_SET;
const HEAP_CHARGERS = 1_000;
const HEAP_KEYS = 300;
/** The broker's word that a round is over. */
const ROUND = 'bench/round';
/** ms after which the replays of retained values count as over, twice. */
const REPLAY_OVER = 11_000;

const FACTS = new Map(KEY_FACTS.map((fact) => [fact.key, fact]));

/** What a broker is told to publish, and a measuring process told about. */
interface Task {
  readonly kind: 'bare' | 'chargers' | 'heap';
  readonly chargers: number;
  readonly keys: number;
  readonly rounds: number;
}

/** A charger as the task has it: where it publishes, and what. */
function fleet({ kind, keys }: Task): { driver: AnyDriver; base: (charger: number) => string; keys: string[] } {
  if (kind === 'heap') {
    const published = goeKeys.filter(({ access }) => access !== 'W').map(({ key }) => key);
    return { driver: DRIVERS['go-e'], base: (charger) => `go-eCharger/${charger}/`, keys: published.slice(0, keys) };
  }
  const published = KEY_FACTS.filter(({ type }) => type !== 'document').map(({ key }) => key);
  return { driver: DRIVERS.openevse, base: (charger) => `openevse-${charger}`, keys: published.slice(0, keys) };
}

/** Measurements change with every round, the rest stays. */
function valueOf(key: string, at: number, round: number): string {
  const fact = FACTS.get(key);
  if (fact?.type === 'flag') return '1';
  return String(at + (fact?.quiet ? round * 17 : 0));
}

/** A broker that publishes on demand, the set of each charger in one go; the first round is for warming up. */
async function broker(): Promise<void> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const publish = (topic: string, payload: string): Promise<void> =>
    new Promise((resolve, reject) => {
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, (error?: Error) =>
        error ? reject(error) : resolve(),
      );
    });
  process.on('message', (task: Task) => {
    const { base, keys } = fleet(task);
    const prefix = (charger: number): string => base(charger).replace(/\/?$/, '/');
    void (async () => {
      for (let round = 0; round <= task.rounds; round++) {
        for (let charger = 0; charger < task.chargers; charger++) {
          await Promise.all(keys.map((key, at) => publish(prefix(charger) + key, valueOf(key, at, round))));
        }
        await publish(ROUND, String(round));
      }
    })();
  });
  process.send?.((server.address() as AddressInfo).port);
}

/** Resolves with the CPU time (us) between the end of the first round and the end of the last. */
function cpuOf(rounds: number): { onRound: (round: number) => void; done: Promise<number> } {
  let start: NodeJS.CpuUsage;
  let resolve: (us: number) => void = () => undefined;
  const done = new Promise<number>((settle) => (resolve = settle));
  return {
    done,
    onRound: (round) => {
      if (round === 0) start = process.cpuUsage();
      if (round !== rounds) return;
      const { user, system } = process.cpuUsage(start);
      resolve(user + system);
    },
  };
}

async function bare(url: string, task: Task, ready: () => void): Promise<number> {
  const { connectAsync } = await import('mqtt');
  const client = await connectAsync(url, { protocolVersion: 4 });
  const { onRound, done } = cpuOf(task.rounds);
  client.on('message', (topic, payload) => {
    if (topic === ROUND) onRound(Number(payload.toString()));
  });
  const { driver, base } = fleet(task);
  const filters = Array.from({ length: task.chargers }, (_, i) => driver.filters(base(i))).flat();
  for (const filter of [ROUND, ...filters]) client.subscribe(filter, { qos: 1 });
  await client.publishAsync('bench/ready', '', { qos: 1 });
  ready();
  return done;
}

/** @returns CPU time (us), or with `heap` the bytes per charger. */
async function ours(url: string, task: Task, ready: () => void): Promise<number> {
  const connection = new Connection(
    { servers: readServers(url, 1883, false), protocolVersion: 4, clientId: 'bench', keepalive: 60, clean: true },
    (error) => {
      throw error;
    },
  );
  connection.open();
  const { onRound, done } = cpuOf(task.rounds);
  const { driver, base } = fleet(task);
  connection.subscribe([ROUND], { onMessage: ({ payload }) => onRound(Number(Buffer.from(payload))) });
  await new Promise<void>((resolve) => connection.onState(({ state }) => state === 'connected' && resolve()));
  const directory = new Directory(connection, { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' });
  global.gc?.();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: task.chargers }, (_, i) => {
    const config = { name: '', baseTopic: base(i), staleAfter: null, maxCurrent: null };
    const charger = new Charger(driver, config, connection, directory);
    charger.watch({ onChange: () => undefined });
    return charger;
  });
  // Acknowledged after all SUBSCRIBEs before it.
  await sleep(10);
  await connection.publish({ topic: 'bench/ready', payload: '' }, Date.now() + 60_000);
  ready();
  const us = await done;
  if (task.kind !== 'heap') return us;
  await sleep(REPLAY_OVER);
  global.gc?.();
  return (process.memoryUsage().heapUsed - before) / kept.length;
}

async function subject(url: string, task: Task): Promise<void> {
  const ready = (): void => void process.send?.('ready');
  const result = await (task.kind === 'bare' ? bare(url, task, ready) : ours(url, task, ready));
  process.send?.(result);
}

/** Runs one measurement in a process of its own. */
async function measure(server: ChildProcess, url: string, task: Task): Promise<number> {
  const child = fork(__filename, ['subject', url, JSON.stringify(task)], { execArgv: ['--expose-gc'] });
  const answer = async (): Promise<unknown> => ((await once(child, 'message')) as unknown[])[0];
  await answer();
  const result = answer();
  server.send(task);
  const number = Number(await result);
  child.kill();
  await once(child, 'exit');
  return number;
}

/** The machine's other work makes single runs too long, and lucky packing of messages into packets makes them too short. */
function median(values: readonly number[] = []): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function main(): Promise<void> {
  const server = fork(__filename, ['broker']);
  const [port] = (await once(server, 'message')) as [number];
  const url = `mqtt://127.0.0.1:${port}`;
  const sizes = [1, CHARGERS];
  const costs = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const chargers of sizes) {
      for (const kind of ['bare', 'chargers'] as const) {
        // Rounds of one charger are short: as many messages in all.
        const rounds = MESSAGES / CORE_SET / chargers;
        const us = await measure(server, url, { kind, chargers, keys: CORE_SET, rounds });
        const key = `${kind} ${chargers}`;
        costs.set(key, [...(costs.get(key) ?? []), us / MESSAGES]);
      }
    }
  }
  console.log(`${MESSAGES} messages, CPU per message, median of ${ROUNDS}`);
  console.table(
    sizes.map((chargers) => {
      const [least = NaN, own = NaN] = ['bare', 'chargers'].map((kind) => median(costs.get(`${kind} ${chargers}`)));
      return {
        chargers,
        'bare client, us': Number(least.toFixed(2)),
        'with chargers, us': Number(own.toFixed(2)),
        'times the bare client': Number((own / least).toFixed(2)),
      };
    }),
  );
  const bytes = await measure(server, url, { kind: 'heap', chargers: HEAP_CHARGERS, keys: HEAP_KEYS, rounds: 1 });
  console.log(`Heap per charger with ${HEAP_KEYS} keys: ${(bytes / 1_024).toFixed(1)} kB`);
  server.kill();
}

// A child ends with its parent, however that ended.
process.on('disconnect', () => process.exit());
const [role, url = '', task = ''] = process.argv.slice(2);
void (role === 'broker' ? broker() : role === 'subject' ? subject(url, JSON.parse(task) as Task) : main());
