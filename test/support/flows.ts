/** Pieces of flows that several tests deploy. */
import { at, type FlowNode, type Received } from './node-red';

export function brokerNode(port: number, properties: object = {}): FlowNode {
  return { id: 'broker', type: 'energy-broker', broker: '127.0.0.1', port: String(port), ...properties };
}

export function chargerNode(system: string, baseTopic: string, properties: object = {}): FlowNode {
  return { id: 'charger', type: 'energy-charger', broker: 'broker', system, baseTopic, name: 'Garage', ...properties };
}

/** `status` -> probe `states`, `control` -> probe `results`, everything that fails -> probe `errors`. */
export function chargerFlow(properties: { status?: object; control?: object } = {}): FlowNode[] {
  return [
    { id: 'status', type: 'charger-status', charger: 'charger', wires: [['states']], ...properties.status },
    { id: 'states', type: 'probe' },
    { id: 'control', type: 'charger-control', charger: 'charger', wires: [['results']], ...properties.control },
    { id: 'results', type: 'probe' },
    ...errorProbe(),
  ];
}

export function errorProbe(): FlowNode[] {
  return [
    { id: 'catch', type: 'catch', scope: null, wires: [['errors']] },
    { id: 'errors', type: 'probe' },
  ];
}

/** The status of a node, as the Status node tells it. */
export const shows =
  (id: string, text: string) =>
  (message: Received): boolean =>
    at(message, 'status.source.id') === id && at(message, 'status.text') === text;

/** A user of the broker that asks for nothing that a test would have to answer, errors, and what the nodes show. */
export function brokerUserFlow(baseTopic = 'openevse-none', control = {}): FlowNode[] {
  return [
    chargerNode('openevse', baseTopic),
    ...chargerFlow({ control }),
    { id: 'watch', type: 'status', scope: null, wires: [['statuses']] },
    { id: 'statuses', type: 'probe' },
  ];
}

/** The user of `brokerUserFlow` shows that the broker is connected. */
export const isConnected = shows('control', 'node-red:common.status.connected');
