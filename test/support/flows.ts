/** Pieces of flows that several tests deploy. */
import type { FlowNode } from './node-red';

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
