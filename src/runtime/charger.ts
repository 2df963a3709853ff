/** What an `energy-charger` node offers to the nodes that use it, and how they find it. */
import type { Node, NodeAPI } from 'node-red';
import type { Charger } from '../chargers/state';
import { EnergyError } from '../shared/errors';
import type { Hub } from './broker';
import type { Life } from './node';

export interface ChargerNode extends Node {
  /** Absent when the node's own configuration is not usable; `problem` says why. */
  charger?: Charger;
  problem?: EnergyError;
  /** Keeps the broker's connection open for the life of a user, and no longer than this node is deployed. */
  hold?: (user: Node, life: Life) => Omit<ChargerUse, 'charger'>;
}

/**
 * All deployed `energy-charger` nodes by what a message may call them, so that finding one among thousands costs no more
 * than finding the only one.
 */
const deployed = new Map<string, Set<ChargerNode>>();

/** Key of a charger that is named by what our other nodes put into `msg.charger`. */
function addressKey(system: string, baseTopic: string): string {
  return JSON.stringify([system, baseTopic]);
}

/** Key of a charger that is named as in the results of commands. */
function identityKey(system: string, id: string): string {
  return JSON.stringify([system, null, id]);
}

/** Registers a charger for its life, once it is set up: by its id and name, or base topic where it has no name. */
export function deploy(node: ChargerNode, life: Life): void {
  const keys = new Set<string>();
  const enter = (key: string): void => {
    keys.add(key);
    deployed.set(key, (deployed.get(key) ?? new Set()).add(node));
  };
  const leave = (key: string): void => {
    keys.delete(key);
    const nodes = deployed.get(key);
    if (nodes?.delete(node) && nodes.size === 0) deployed.delete(key);
  };
  const { charger, name } = node;
  life.owns(() => {
    if (charger) charger.onIdentified = undefined;
    keys.forEach(leave);
  });
  enter(node.id);
  if (name) enter(name);
  if (!charger) return;
  const { system } = charger.driver;
  if (!name) enter(charger.baseTopic);
  enter(addressKey(system, charger.baseTopic));
  let identity = identityKey(system, charger.config.baseTopic);
  enter(identity);
  charger.onIdentified = (id) => {
    leave(identity);
    identity = identityKey(system, id);
    enter(identity);
  };
}

export interface ChargerUse {
  readonly charger: Charger;
  readonly hub: Hub;
  /** Of the user, or of the charger's node if that goes first: commands and what repeats them end with it. */
  readonly life: Life;
}

function use(found: ChargerNode, node: Node, life: Life): ChargerUse {
  if (!found.charger || !found.hold)
    throw found.problem ?? new EnergyError('NOT_CONFIGURED', 'The charger is not usable');
  return { charger: found.charger, ...found.hold(node, life) };
}

/**
 * The charger that a node's property names.
 * @throws EnergyError NOT_CONFIGURED
 */
export function useCharger(RED: NodeAPI, node: Node, life: Life, id: string): ChargerUse {
  const found = id ? (RED.nodes.getNode(id) as ChargerNode | null) : null;
  if (!found)
    throw new EnergyError('NOT_CONFIGURED', id ? 'The charger is missing or disabled' : 'No charger is chosen');
  return use(found, node, life);
}

/** The chargers that a message's `charger` means: a name, a node id, or what our other nodes put into `msg.charger`. */
function meantBy(wanted: unknown): ReadonlySet<ChargerNode> {
  let key: string | undefined;
  if (typeof wanted === 'string') key = wanted;
  else if (typeof wanted === 'object' && wanted !== null) {
    const { system, baseTopic, id } = wanted as Record<string, unknown>;
    if (typeof system !== 'string') return new Set();
    if (typeof baseTopic === 'string') key = addressKey(system, baseTopic);
    else if (baseTopic === undefined && typeof id === 'string') key = identityKey(system, id);
  }
  return (key === undefined ? undefined : deployed.get(key)) ?? new Set();
}

/** The chargers that the messages of one node name; each is held from its first use on, as long as both are deployed. */
export class ChargerChoice {
  private readonly held = new Map<ChargerNode, ChargerUse>();

  constructor(
    private readonly node: Node,
    private readonly life: Life,
  ) {}

  /** Holds all that are usable now, so that their state is known when the first message names one. */
  holdAll(): void {
    for (const nodes of deployed.values()) for (const node of nodes) if (node.charger) this.hold(node);
  }

  /** @throws EnergyError INVALID when the message names none, an unknown one, or several. */
  find(wanted: unknown): ChargerUse {
    if (wanted === undefined || wanted === null || wanted === '') {
      throw new EnergyError('INVALID', 'Choose a charger in the node or name one in msg.charger', {
        details: [{ path: 'charger', message: 'is missing' }],
      });
    }
    const found = meantBy(wanted);
    const [first] = found;
    if (!first || found.size > 1) {
      const message = first ? 'fits several chargers: use the node id' : 'is not a deployed charger';
      throw new EnergyError('INVALID', `msg.charger ${message}`, { details: [{ path: 'charger', message }] });
    }
    return this.hold(first);
  }

  private hold(candidate: ChargerNode): ChargerUse {
    let held = this.held.get(candidate);
    if (!held) {
      held = use(candidate, this.node, this.life);
      this.held.set(candidate, held);
      held.life.owns(() => void this.held.delete(candidate));
      held.life.owns(held.charger.watch({}));
    }
    return held;
  }
}
