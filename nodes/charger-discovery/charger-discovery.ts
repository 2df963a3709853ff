/** `charger-discovery`: tells which chargers appear, change, go. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { SYSTEMS, type System } from '../../src/chargers/status';
import { faultTeller, showLink, useBroker } from '../../src/runtime/broker';
import { oneOf, text } from '../../src/runtime/coerce';
import { describe } from '../../src/runtime/list-chargers';
import { bindInput, setUp } from '../../src/runtime/node';
import { translator } from '../../src/runtime/texts';
import { EnergyError } from '../../src/shared/errors';
import { isFilter, isTopic } from '../../src/shared/topics';

type Config = NodeDef & Record<string, unknown>;

function readSystems(given: unknown): ReadonlySet<System> {
  const names: readonly unknown[] = Array.isArray(given) ? given : SYSTEMS;
  return new Set(names.map((name) => oneOf('systems', name, SYSTEMS, SYSTEMS[0])));
}

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function ChargerDiscovery(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const systems = readSystems(config['systems']);
      const openevseTopic = text(config['openevseTopic'], 'openevse/announce/#');
      const evccRoot = text(config['evccRoot'], 'evcc').replace(/^\/+|\/+$/g, '');
      if (!isFilter(openevseTopic)) throw new EnergyError('NOT_CONFIGURED', `"${openevseTopic}" is not a topic filter`);
      if (!isTopic(evccRoot)) throw new EnergyError('NOT_CONFIGURED', `"${evccRoot}" is not a topic`);
      const hub = useBroker(RED, this, life, text(config['broker']));
      const { connection } = hub;
      const directory = hub.directory({ openevseTopic, evccRoot });
      const show = (): void => status.show('green', 'dot', t('found', { count: directory.list(systems).length }));
      showLink(RED, connection, life, status, show);
      life.owns(
        directory.explore({
          systems,
          onEvent: (event, sighting) => {
            this.send({ topic: `charger/${event}`, payload: { event, ...describe(sighting) } });
            if (connection.state.state === 'connected') show();
          },
          onFault: faultTeller(RED, this, status),
        }),
      );
      bindInput(this, (message, send) => {
        message.topic = 'charger/list';
        message.payload = directory.list(systems).map(describe);
        send(message);
      });
    });
  }

  RED.nodes.registerType('charger-discovery', ChargerDiscovery);
}
