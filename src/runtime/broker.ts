/** What an `energy-broker` node offers to the nodes that use it. */
import type { Node, NodeAPI } from 'node-red';
import { Directory } from '../chargers/directory';
import type { DiscoveryOptions } from '../chargers/driver';
import type { Connection, LinkState } from '../mqtt/connection';
import { EnergyError, type ErrorCode } from '../shared/errors';
import { type Life, report, type StatusReporter } from './node';
import { translator } from './texts';

/** The connection of one broker, open while somebody holds it, and what its users share. */
export class Hub {
  private readonly holders = new Set<symbol>();
  private readonly directories = new Map<string, Directory>();

  constructor(readonly connection: Connection) {}

  /** Keeps the connection open until the returned function is called. */
  hold(): () => Promise<void> {
    const holder = Symbol();
    this.holders.add(holder);
    this.connection.open();
    return async () => {
      this.holders.delete(holder);
      if (this.holders.size === 0) await this.connection.close();
    };
  }

  /** Discovery is shared by all that look in the same places. */
  directory(options: DiscoveryOptions = { openevseTopic: 'openevse/announce/#', evccRoot: 'evcc' }): Directory {
    const key = JSON.stringify([options.openevseTopic, options.evccRoot]);
    let directory = this.directories.get(key);
    if (!directory) this.directories.set(key, (directory = new Directory(this.connection, options)));
    return directory;
  }
}

/** Blank values are absent. */
export interface BrokerCredentials {
  user?: string;
  password?: string;
}

export interface BrokerNode extends Node<BrokerCredentials> {
  /** Absent when the node's own configuration is not usable; `problem` says why. */
  hub?: Hub;
  problem?: string;
  /**
   * One user of each flow, in the form Node-RED knows: it forwards this node's errors to the Catch nodes of the user's
   * flow, which are to get each error once, however many users there are.
   */
  users: Record<string, Node>;
}

/** The users of each broker by flow, in the order in which they came. */
const crowds = new WeakMap<BrokerNode, Map<string, Set<Node>>>();

function join(broker: BrokerNode, node: Node): () => void {
  const flows = crowds.get(broker) ?? new Map<string, Set<Node>>();
  crowds.set(broker, flows);
  const crowd = flows.get(node.z) ?? new Set<Node>();
  flows.set(node.z, crowd.add(node));
  broker.users[node.z] ??= node;
  return () => {
    crowd.delete(node);
    const [next] = crowd;
    if (next) broker.users[node.z] = next;
    else {
      flows.delete(node.z);
      Reflect.deleteProperty(broker.users, node.z);
    }
  };
}

/**
 * The broker that a property names.
 * @throws EnergyError NOT_CONFIGURED
 */
export function findBroker(RED: NodeAPI, id: string): BrokerNode & { hub: Hub } {
  const broker = id ? (RED.nodes.getNode(id) as BrokerNode | null) : null;
  if (broker?.hub) return broker as BrokerNode & { hub: Hub };
  const problem = broker?.problem ? `: ${broker.problem}` : '';
  const reason = broker ? `is not configured correctly${problem}` : id ? 'is missing or disabled' : 'is not chosen';
  throw new EnergyError('NOT_CONFIGURED', `The MQTT broker ${reason}`);
}

/**
 * The broker that a node's property names, kept open for the node's life.
 * @throws EnergyError NOT_CONFIGURED
 */
export function useBroker(RED: NodeAPI, node: Node, life: Life, id: string): Hub {
  const broker = findBroker(RED, id);
  life.owns(join(broker, node));
  life.owns(broker.hub.hold());
  return broker.hub;
}

/** Errors that waiting does not mend: shown by name instead of as a mere "disconnected". */
const SHOWN: ReadonlySet<ErrorCode> = new Set(['AUTH_FAILED', 'TLS_FAILED']);

/**
 * Shows the connection's state in Node-RED's own words and colours, and calls `onConnected` when it is up, for what
 * the node shows then.
 */
export function showLink(
  RED: NodeAPI,
  connection: Connection,
  life: Life,
  status: StatusReporter,
  onConnected: () => void = () => status.show('green', 'dot', 'node-red:common.status.connected'),
): void {
  const t = translator(RED);
  const show = (link: LinkState): void => {
    if (link.state === 'connected') onConnected();
    else if (link.state === 'connecting') status.show('yellow', 'ring', 'node-red:common.status.connecting');
    else if (link.state === 'disconnected' && SHOWN.has(link.error.code)) {
      status.show('red', 'dot', t(`errors.${link.error.code}`));
    } else status.show('red', 'ring', 'node-red:common.status.disconnected');
  };
  show(connection.state);
  life.owns(connection.onState(show));
}

/** Tells what is wrong with a node's subscriptions. A refused one is shown as well: what it asks for will not come. */
export function faultTeller(
  RED: NodeAPI,
  node: Node,
  status: StatusReporter,
): (error: EnergyError, topic: string) => void {
  const t = translator(RED);
  return (error, topic) => {
    if (error.code === 'SUBSCRIPTION_REFUSED') status.show('red', 'dot', t(`errors.${error.code}`));
    report(node, error, topic);
  };
}
