/** Flows of OpenRemote nodes over a simulated manager. */
import assert from 'node:assert/strict';
import { DEMO } from '../../src/simulators/openremote/index';
import type { Hub } from '../../src/runtime/broker';
import { type Fate, fateOf } from './carry-out';
import { brokerNode, errorProbe } from './flows';
import { at, type FlowNode, type NodeRed, type Received } from './node-red';
import { until } from './until';

export const PROFILES = ['source', 'documented'] as const;

/** As the `protocolVersion` of an `energy-broker`. */
export const VERSIONS = ['5', '4'] as const;

export function titleOf(version: (typeof VERSIONS)[number]): string {
  return version === '5' ? 'MQTT 5' : 'MQTT 3.1.1';
}

const USER = { user: `${DEMO.realm}:${DEMO.user}`, password: DEMO.secret };

/** Credentials of the demo's user for these broker nodes. */
export function login(brokers: readonly string[] = ['broker']): Record<string, typeof USER> {
  return Object.fromEntries(brokers.map((id) => [id, USER]));
}

/** Credentials of the demo's Gateway V2 asset. */
export const GATEWAY_LOGIN = {
  broker: { user: `${DEMO.realm}:${DEMO.gatewayClientId}`, password: DEMO.gatewaySecret },
};

/** An id that no asset has. */
export const UNKNOWN = '0000000000000000000000';

/**
 * Nodes of one broker, whose client id is `box`. Results reach the probe `results`, what fails `errors`, what is done
 * without an error `done`, and what the nodes show `statuses`.
 */
export function managerFlow(port: number, nodes: readonly FlowNode[], broker: object = {}): FlowNode[] {
  return [
    brokerNode(port, { clientid: 'box', ...broker }),
    ...nodes.map((node) => (node.type === 'probe' ? node : { broker: 'broker', wires: [['results']], ...node })),
    { id: 'results', type: 'probe' },
    { id: 'complete', type: 'complete', scope: nodes.map(({ id }) => id), wires: [['done']] },
    { id: 'done', type: 'probe' },
    { id: 'watch', type: 'status', scope: null, wires: [['statuses']] },
    { id: 'statuses', type: 'probe' },
    ...errorProbe(),
  ];
}

/** Resolves when a broker node is connected, as the nodes that use it see it. */
export async function connected(red: NodeRed, id = 'broker'): Promise<void> {
  const { hub } = red.node(id) as { hub?: Hub };
  await until(() => hub?.connection.state.state === 'connected', `the connection of ${id}`);
}

/** Deploys a flow and resolves when its brokers are connected. */
export async function deployConnected(
  red: NodeRed,
  nodes: readonly FlowNode[],
  credentials: Record<string, object> = login(),
): Promise<void> {
  await red.deploy(nodes, credentials);
  for (const id of Object.keys(credentials)) await connected(red, id);
}

/** What the Status node tells of a node. */
export const shows =
  (id: string, text: string) =>
  (message: Received): boolean =>
    at(message, 'status.source.id') === id && at(message, 'status.text') === text;

/** What the Catch node tells of a node. */
export const fromNode =
  (id: string) =>
  (message: Received): boolean =>
    at(message, 'error.source.id') === id;

/** Asserts that the node ended a message once: with a result and `done`, or with an error. */
function assertEndedOnce(red: NodeRed, { done, failed }: Fate): void {
  const tag = (done ?? failed)?.['tag'];
  const count = (probe: string): number => red.received(probe).filter((message) => message['tag'] === tag).length;
  assert.deepEqual(
    { results: count('results'), done: count('done'), errors: count('errors') },
    done ? { results: 1, done: 1, errors: 0 } : { results: 0, done: 0, errors: 1 },
  );
}

/** The message that a node sends on in answer to one; it may not fail. */
export async function resultOf(red: NodeRed, node: string, message: object): Promise<Received> {
  const fate = await fateOf(red, node, message);
  assert.ok(fate.done, `${node} failed: ${JSON.stringify(fate.failed?.['error'])}`);
  await red.next('done', ({ tag }) => tag === fate.done?.['tag']);
  assertEndedOnce(red, fate);
  return fate.done;
}

/** What a Catch node gets to know of an error. */
export interface Failure {
  readonly code: unknown;
  readonly message: string;
  readonly cause: unknown;
}

/** The error that a node ends a message with; it may not succeed. */
export async function failureOf(red: NodeRed, node: string, message: object): Promise<Failure> {
  const fate = await fateOf(red, node, message);
  assert.ok(fate.failed, `${node} sent ${JSON.stringify(fate.done)}`);
  // A second outcome would come right away.
  await new Promise((resolve) => setImmediate(resolve));
  assertEndedOnce(red, fate);
  const error = fate.failed['error'];
  return { code: at(error, 'code'), message: String(at(error, 'message')), cause: at(error, 'cause') };
}
