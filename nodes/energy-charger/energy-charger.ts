/** `energy-charger`: one charger, whose state all nodes that use it share; and the list of chargers for the editor. */
import type { NodeAPI, NodeDef } from 'node-red';
import { Charger } from '../../src/chargers/state';
import { SYSTEMS } from '../../src/chargers/status';
import { DRIVERS } from '../../src/chargers/systems';
import { findBroker, useBroker } from '../../src/runtime/broker';
import { type ChargerNode, deploy } from '../../src/runtime/charger';
import { number, oneOf, text } from '../../src/runtime/coerce';
import { listChargers } from '../../src/runtime/list-chargers';
import { Life } from '../../src/runtime/node';
import { EnergyError, toError } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

export default function (RED: NodeAPI): void {
  function EnergyCharger(this: ChargerNode, config: Config): void {
    RED.nodes.createNode(this, config);
    const life = new Life(this);
    try {
      const brokerId = text(config['broker']);
      const { hub } = findBroker(RED, brokerId);
      const driver = DRIVERS[oneOf('system', config['system'], SYSTEMS, SYSTEMS[0])];
      const baseTopic = driver.base(text(config['baseTopic']));
      const settings = {
        name: text(config['name']),
        baseTopic,
        staleAfter: number('staleAfter', config['staleAfter'], null),
        maxCurrent: number('maxCurrent', config['maxCurrent'], null),
      };
      this.charger = new Charger(driver, settings, hub.connection, hub.directory());
      this.hold = (user, userLife) => {
        const both = Life.shared(life, userLife);
        return { hub: useBroker(RED, user, both, brokerId), life: both };
      };
    } catch (thrown) {
      const cause = thrown instanceof EnergyError ? thrown.cause : {};
      this.problem = new EnergyError('NOT_CONFIGURED', toError(thrown).message, cause);
      this.warn(this.problem.message);
    }
    deploy(this, life);
  }

  RED.nodes.registerType('energy-charger', EnergyCharger);
  listChargers(RED);
}
