/** `charger-control`: one command to one charger, with a result. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { readCommand } from '../../src/chargers/read-command';
import { faultTeller, showLink } from '../../src/runtime/broker';
import { ChargerChoice, useCharger } from '../../src/runtime/charger';
import { number, oneOf, text } from '../../src/runtime/coerce';
import { evaluate } from '../../src/runtime/evaluate';
import { bindInput, type FlowMessage, report, setUp } from '../../src/runtime/node';
import { translator } from '../../src/runtime/texts';
import { serveValues } from '../../src/runtime/value-catalogue';
import { EnergyError } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function ChargerControl(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const fixed = text(config['command']);
      const waitFor = oneOf('waitFor', config['waitFor'], ['confirmed', 'accepted', 'sent'] as const, 'confirmed');
      const timeout = number('timeout', config['timeout'], 10) * 1_000;
      const chosen = text(config['charger']);
      const choice = new ChargerChoice(this, life);
      const fixture = chosen ? useCharger(RED, this, life, chosen) : undefined;
      if (fixture) {
        const tell = faultTeller(RED, this, status);
        fixture.life.owns(
          fixture.charger.watch({
            // No command can be confirmed without its topics. What else is wrong with them is not for this node to tell.
            onFault: (error, topic) => {
              if (error.code === 'SUBSCRIPTION_REFUSED') tell(error, topic);
            },
          }),
        );
        showLink(RED, fixture.hub.connection, life, status);
      } else {
        const holdAll = (): void => choice.holdAll();
        RED.events.once('flows:started', holdAll);
        life.owns(() => void RED.events.removeListener('flows:started', holdAll));
      }

      const ownValue = async (message: FlowMessage): Promise<unknown> => {
        const { value } = config;
        // Flows written by hand may hold the value itself instead of its text, and no type.
        if (typeof value === 'object' && value !== null) return value;
        const type = text(config['valueType'], typeof value === 'string' ? 'str' : 'json');
        if (type === 'payload' || text(value) === '') return undefined;
        // What it names may not be there: the payload, which means something else, does not stand in for it.
        return (await evaluate(RED, this, text(value), type, message)) ?? null;
      };

      const onLapse = (error: EnergyError, topic: string): void => {
        status.show('red', 'ring', t(`errors.${error.code}`));
        report(this, error, topic);
      };

      bindInput(this, async (message, send) => {
        try {
          const command = readCommand(fixed, await ownValue(message), message.payload);
          const { charger, life: both } = fixture ?? choice.find(message['charger']);
          status.show('blue', 'dot', `… ${command.command}`);
          const result = await charger.execute(command, { waitFor, timeout, signal: both.signal, onLapse });
          const { system, id, name } = charger.identity();
          // Flows change what they get; a value may be one of the charger's own documents.
          message.payload = structuredClone({ command: command.command, charger: { system, id, name }, ...result });
          status.show('green', 'dot', t(`outcome.${result.outcome}`));
          send(message);
        } catch (thrown) {
          status.show('red', 'dot', thrown instanceof EnergyError ? t(`errors.${thrown.code}`) : '!');
          throw thrown;
        }
      });
    });
  }

  RED.nodes.registerType('charger-control', ChargerControl);
  serveValues(RED);
}
