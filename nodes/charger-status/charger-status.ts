/** `charger-status`: one charger's state in one vocabulary for all systems. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { differences, paths } from '../../src/chargers/differences';
import type { ChargerStatus } from '../../src/chargers/status';
import { faultTeller, showLink } from '../../src/runtime/broker';
import { useCharger } from '../../src/runtime/charger';
import { flag, number, oneOf, text } from '../../src/runtime/coerce';
import { bindInput, type FlowMessage, setUp } from '../../src/runtime/node';
import { showCharger } from '../../src/runtime/show-charger';

type Config = NodeDef & Record<string, unknown>;

export default function (RED: NodeAPI): void {
  function ChargerStatusNode(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const emit = oneOf('emit', config['emit'], ['change', 'interval', 'message'] as const, 'change');
      const interval = number('interval', config['interval'], 10);
      const native = flag(config['native']);
      const { charger, hub } = useCharger(RED, this, life, text(config['charger']));
      let previous: ChargerStatus | undefined;

      const toMessage = (now: ChargerStatus): FlowMessage => {
        const changed = previous ? differences(previous, now) : paths(now);
        previous = now;
        const message = { topic: now.name, payload: now, changed, charger: charger.identity(now) };
        // Flows change what they get; the status is that of other nodes, too, and its documents are the charger's own.
        return structuredClone(native ? { ...message, native: charger.raw() } : message);
      };

      const show = (): void => showCharger(RED, charger.status(), status);
      showLink(RED, hub.connection, life, status, show);
      // "offline 4 min" grows while nothing happens.
      life.every(30_000, () => {
        if (hub.connection.state.state === 'connected' && charger.status().online !== null) show();
      });
      life.owns(
        charger.watch({
          onChange: (now) => {
            if (hub.connection.state.state === 'connected') showCharger(RED, now, status);
            if (emit === 'change') this.send(toMessage(now));
          },
          onMessage: () => {
            if (emit === 'message') this.send(toMessage(charger.status()));
          },
          onFault: faultTeller(RED, this, status),
        }),
      );
      if (emit === 'interval') life.every(Math.max(1, interval) * 1_000, () => this.send(toMessage(charger.status())));

      bindInput(this, (message, send) => send({ ...message, ...toMessage(charger.status()) }));
    });
  }

  RED.nodes.registerType('charger-status', ChargerStatusNode);
}
