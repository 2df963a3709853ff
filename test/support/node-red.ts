/**
 * A real embedded Node-RED with this package linked into its user directory. Which major: NODE_RED_MAJOR (4 or 5).
 * There is one per process; each test deploys its own flow.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const MAJOR = process.env['NODE_RED_MAJOR'] ?? '4';
const PACKAGE = '@jouleflow/node-red-home-energy';

/** Records what reaches it; `probe` nodes of the flow are found by their id. */
const PROBE = `module.exports = (RED) => {
  RED.nodes.registerType('probe', function (config) {
    RED.nodes.createNode(this, config);
    this.on('input', (msg, send, done) => {
      globalThis.__probes?.(config.id, msg);
      done();
    });
  });
};
`;
const PROBE_HTML = `<script type="text/javascript">
RED.nodes.registerType('probe', { category: 'test', defaults: {}, inputs: 1, outputs: 0, label: 'probe' });
</script>
`;

export interface FlowNode {
  id: string;
  type: string;
  z?: string;
  wires?: string[][];
  [property: string]: unknown;
}

/** A message as it arrived. */
export type Received = Readonly<Record<string, unknown>>;

/** The member at a dotted path of something unknown; undefined where there is none. */
export function at(value: unknown, dotted: string): unknown {
  return dotted
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Received)[key] : undefined),
      value,
    );
}

interface RuntimeNode {
  receive(message: object): void;
}

interface Red {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: (request: unknown, response: unknown) => void;
  readonly nodes: { getNode(id: string): RuntimeNode | null };
  readonly runtime: {
    readonly events: { once(event: string, listener: () => void): void };
    readonly flows: { setFlows(options: object): Promise<{ rev: string }> };
  };
}

export interface NodeRed {
  /** Base URL of editor and admin API, ends with a slash. */
  readonly url: string;
  /** Replaces all flows and resolves when they run. `credentials` by node id. */
  deploy(nodes: readonly FlowNode[], credentials?: Record<string, object>): Promise<void>;
  /** Deploys again, restarting only the nodes that changed. */
  redeploy(nodes: readonly FlowNode[], type: 'full' | 'flows' | 'nodes'): Promise<void>;
  send(id: string, message: object): void;
  /** A deployed node as the runtime has it. */
  node(id: string): object;
  /** The messages that reached a probe since the last deploy. */
  received(id: string): Received[];
  /** Resolves with the first message of a probe, those already there included, that fits. */
  next(id: string, fits?: (message: Received) => boolean): Promise<Received>;
  stop(): Promise<void>;
}

const TIMEOUT = 15_000;

export async function startNodeRed(packageDir = process.cwd()): Promise<NodeRed> {
  const userDir = fs.mkdtempSync(path.join(os.tmpdir(), 'node-red-'));
  const link = path.join(userDir, 'node_modules', PACKAGE);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.symlinkSync(packageDir, link, 'junction');
  fs.mkdirSync(path.join(userDir, 'nodes'));
  fs.writeFileSync(path.join(userDir, 'nodes', 'probe.js'), PROBE);
  fs.writeFileSync(path.join(userDir, 'nodes', 'probe.html'), PROBE_HTML);
  fs.writeFileSync(
    path.join(userDir, 'package.json'),
    JSON.stringify({ name: 'test', dependencies: { [PACKAGE]: '*' } }),
  );

  const { default: RED } = (await import(`node-red-${MAJOR}`)) as { default: Red };
  const handle = (request: unknown, response: unknown): void => RED.httpAdmin(request, response);
  const server = createServer(handle);
  RED.init(server, {
    userDir,
    httpAdminRoot: '/',
    httpNodeRoot: '/flows',
    flowFile: 'flows.json',
    credentialSecret: 'test',
    logging: { console: { level: process.env['NODE_RED_LOG'] ?? 'off', metrics: false, audit: false } },
    externalModules: { autoInstall: false },
    telemetry: { enabled: false, updateNotification: false },
    contextStorage: { default: { module: 'memory' } },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started = new Promise<void>((resolve) => RED.runtime.events.once('flows:started', resolve));
  await RED.start();
  await started;

  let messages = new Map<string, Received[]>();
  let waiting: { id: string; fits: (message: Received) => boolean; resolve: (message: Received) => void }[] = [];
  (globalThis as { __probes?: (id: string, message: Received) => void }).__probes = (id, message) => {
    const list = messages.get(id) ?? [];
    messages.set(id, list);
    list.push(message);
    for (const waiter of waiting.filter((one) => one.id === id && one.fits(message))) {
      waiting = waiting.filter((one) => one !== waiter);
      waiter.resolve(message);
    }
  };

  const set = async (nodes: readonly FlowNode[], type: string, credentials = {}): Promise<void> => {
    const flows = [
      { id: 'tab', type: 'tab', label: 'test' },
      ...nodes.map((node) => (isConfig(node) ? node : { z: 'tab', x: 0, y: 0, wires: [], ...node })),
    ];
    const running = new Promise<void>((resolve) => RED.runtime.events.once('flows:started', resolve));
    await RED.runtime.flows.setFlows({ flows: { flows, credentials }, deploymentType: type });
    await running;
  };

  const runtimeNode = (id: string): RuntimeNode => {
    const node = RED.nodes.getNode(id);
    if (!node) throw new Error(`no node ${id} is deployed`);
    return node;
  };

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    deploy: async (nodes, credentials) => {
      await set([], 'full');
      messages = new Map();
      waiting = [];
      await set(nodes, 'full', credentials);
    },
    redeploy: (nodes, type) => set(nodes, type),
    node: runtimeNode,
    send: (id, message) => runtimeNode(id).receive(message),
    received: (id) => messages.get(id) ?? [],
    next: (id, fits = () => true) => {
      const there = messages.get(id)?.find(fits);
      if (there) return Promise.resolve(there);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const seen = JSON.stringify(messages.get(id) ?? []).slice(0, 2_000);
          reject(new Error(`No such message reached ${id} within ${TIMEOUT} ms; it got ${seen}`));
        }, TIMEOUT);
        waiting.push({
          id,
          fits,
          resolve: (message) => {
            clearTimeout(timer);
            resolve(message);
          },
        });
      });
    },
    stop: async () => {
      await RED.stop();
      server.closeAllConnections();
      server.close();
      fs.rmSync(userDir, { recursive: true, force: true });
    },
  };
}

const CONFIG_TYPES = new Set(['energy-broker', 'energy-charger', 'linky-tariff', 'tls-config']);

function isConfig({ type }: FlowNode): boolean {
  return CONFIG_TYPES.has(type);
}
