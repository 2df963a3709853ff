/** The editor's "find my charger" button: what a deployed broker knows, over the admin API. */
import type { NodeAPI } from 'node-red';
import type { Explorer } from '../chargers/directory';
import type { Sighting } from '../chargers/discovery-types';
import { SYSTEMS } from '../chargers/status';
import type { BrokerNode } from './broker';

/** ms to wait for announcements: discovery itself waits two seconds for a charger's details. */
const LOOK = 3_000;

/** What of a charger the editor and `charger-discovery` show. */
export function describe({
  system,
  id,
  name,
  baseTopic,
  online,
  http,
  firmware,
  model,
}: Sighting): Record<string, unknown> {
  return { system, id, name, baseTopic, online, http, firmware, model };
}

/**
 * `GET home-energy/chargers/BROKER` -> array of chargers. Connects only to brokers that are deployed, never to a host
 * named by the browser.
 */
export function listChargers(RED: NodeAPI): void {
  RED.httpAdmin.get(
    '/home-energy/chargers/:broker',
    RED.auth.needsPermission('energy-charger.read'),
    (request, response) => {
      const broker = RED.nodes.getNode(String(request.params['broker'])) as BrokerNode | null;
      const hub = broker?.type === 'energy-broker' ? broker.hub : undefined;
      if (!hub) {
        response.status(404).json({ code: 'NOT_CONFIGURED' });
        return;
      }
      const release = hub.hold();
      const explorer: Explorer = { systems: new Set(SYSTEMS), onEvent: () => undefined, onFault: () => undefined };
      const directory = hub.directory();
      const leave = directory.explore(explorer);
      setTimeout(() => {
        const { state } = hub.connection.state;
        const found = directory.list(explorer.systems).map(describe);
        leave();
        void release();
        if (state === 'connected') response.json(found);
        else response.status(503).json({ code: 'NOT_CONNECTED' });
      }, LOOK);
    },
  );
}
