/** `linky-command`: asks the publishing client for a sync or a reload, and tells what can be known of it. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { LinkyClient } from '../../src/linky/client';
import { LINKY_COMMANDS, type LinkyCommand } from '../../src/linky/command';
import { faultTeller, showLink, useBroker } from '../../src/runtime/broker';
import { number, oneOf, text } from '../../src/runtime/coerce';
import { readPrefix } from '../../src/runtime/linky';
import { bindInput, setUp } from '../../src/runtime/node';
import { translator } from '../../src/runtime/texts';
import { EnergyError, invalid } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

/** The node's own command, else the payload: the word, or an object with it. */
function readCommand(fixed: '' | LinkyCommand, payload: unknown): LinkyCommand {
  if (fixed) return fixed;
  const given = typeof payload === 'object' && payload !== null && 'command' in payload ? payload.command : payload;
  const found = LINKY_COMMANDS.find((command) => command === given);
  if (found) return found;
  throw invalid('linky-command', [{ path: 'command', message: `must be one of ${LINKY_COMMANDS.join(', ')}` }]);
}

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function LinkyCommandNode(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const fixed = oneOf('command', config['command'], ['', ...LINKY_COMMANDS] as const, '');
      const waitFor = oneOf('waitFor', config['waitFor'], ['confirmed', 'sent'] as const, 'confirmed');
      const timeout = number('timeout', config['timeout'], 120) * 1_000;
      const prefix = readPrefix(config['prefix']);
      const { connection } = useBroker(RED, this, life, text(config['broker']));
      const client = new LinkyClient(connection, prefix);
      showLink(RED, connection, life, status);
      const tell = faultTeller(RED, this, status);
      life.owns(client.follow((filter, error) => tell(error, filter)));

      bindInput(this, async (message, send) => {
        try {
          const command = readCommand(fixed, message.payload);
          status.show('blue', 'dot', `… ${command}`);
          const { proof, ...result } = await client.execute(command, { waitFor, timeout, signal: life.signal });
          message.payload = { command, ...result };
          if (proof) message['sync'] = { mayBeScheduled: proof.mayBeScheduled, errors: proof.errors };
          status.show('green', 'dot', t(`outcome.${result.outcome}`));
          send(message);
        } catch (thrown) {
          status.show('red', 'dot', thrown instanceof EnergyError ? t(`errors.${thrown.code}`) : '!');
          throw thrown;
        }
      });
    });
  }

  RED.nodes.registerType('linky-command', LinkyCommandNode);
}
