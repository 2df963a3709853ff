/** Real brokers for tests: an embedded aedes (MQTT 3.1.1) and a spawned mosquitto (3.1.1 and 5), on loopback. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Aedes } from 'aedes';
import { requireInstalled } from './requirement';

export interface TestBroker {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface AedesBroker extends TestBroker {
  /** Topic filters of all SUBSCRIBE packets received, in order. */
  readonly subscribed: string[];
  /** Messages that clients published, `$SYS` left out. */
  readonly published: { topic: string; payload: string; retain: boolean; qos: number }[];
  publish(topic: string, payload: string, retain?: boolean): Promise<void>;
  /** Cuts all connections without a word. */
  cut(): void;
  connections(): number;
}

interface AedesPacket {
  topic: string;
  payload: Buffer | string;
  retain: boolean;
  qos: number;
}

interface Embedded {
  readonly aedes: Aedes;
  readonly sockets: Set<Socket>;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startAedes(port = 0): Promise<AedesBroker> {
  const script = pathToFileURL(path.join(process.cwd(), 'scripts/embedded-broker.mjs')).href;
  const { startBroker } = (await import(script)) as { startBroker: (port: number) => Promise<Embedded> };
  const embedded = await startBroker(port);
  const { aedes, sockets } = embedded;
  const subscribed: string[] = [];
  const published: AedesBroker['published'] = [];
  aedes.on('subscribe', (subscriptions: { topic: string }[]) => {
    subscribed.push(...subscriptions.map(({ topic }) => topic));
  });
  aedes.on('publish', ({ topic, payload, retain, qos }: AedesPacket, client: unknown) => {
    if (client) published.push({ topic, payload: payload.toString(), retain, qos });
  });
  return {
    port: embedded.port,
    url: `mqtt://127.0.0.1:${embedded.port}`,
    subscribed,
    published,
    connections: () => sockets.size,
    publish: (topic, payload, retain = false) =>
      new Promise((resolve, reject) => {
        aedes.publish({ cmd: 'publish', topic, payload, retain, qos: 0, dup: false }, (error?: Error) =>
          error ? reject(error) : resolve(),
        );
      }),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: () => embedded.stop(),
  };
}

/** Debian puts it where an ordinary user's PATH does not look. */
const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find((file) =>
  fs.existsSync(file),
);

/**
 * Skips a suite where mosquitto is missing, with a visible line; in CI it is mandatory.
 * Use as the first call of a `before` hook: `requireMosquitto(this)`.
 */
export function requireMosquitto(context: Mocha.Context): void {
  requireInstalled(context, MOSQUITTO !== undefined, 'mosquitto');
}

export interface MosquittoBroker extends TestBroker {
  /** Ends the process at once and waits until it is gone; `restart` starts it again on the same port. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** @param lines of mosquitto.conf beside the listener; `{dir}` stands for its folder, `files` are written there. */
export async function startMosquitto(
  lines: readonly string[] = ['allow_anonymous true'],
  files: Readonly<Record<string, string>> = {},
): Promise<MosquittoBroker> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mosquitto-'));
  const port = await freePort();
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(dir, name), text, { mode: 0o600 });
  const config = path.join(dir, 'mosquitto.conf');
  // It gives up root's rights after start; the tests' files belong to whoever runs the tests.
  const user = os.userInfo().username;
  fs.writeFileSync(
    config,
    [`user ${user}`, `listener ${port} 127.0.0.1`, ...lines].join('\n').replaceAll('{dir}', dir) + '\n',
  );
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(MOSQUITTO ?? 'mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      started.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('running')) resolve();
      });
      started.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}: ${log}`)));
      started.once('error', reject);
    });
  };
  const kill = async (): Promise<void> => {
    const running = child;
    if (running?.exitCode !== null || running.signalCode !== null) return;
    running.removeAllListeners('exit');
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    kill,
    restart: start,
    stop: async () => {
      await kill();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The line of a mosquitto password file. */
export function mosquittoPassword(user: string, password: string): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'passwd-')), 'passwd');
  execFileSync('mosquitto_passwd', ['-b', '-c', file, user, password]);
  const line = fs.readFileSync(file, 'utf8');
  fs.rmSync(path.dirname(file), { recursive: true });
  return line;
}
