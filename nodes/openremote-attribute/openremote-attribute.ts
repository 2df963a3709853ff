/** `openremote-attribute`: writes and reads attributes of an asset. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { Client } from '../../src/openremote/client';
import { text } from '../../src/runtime/coerce';
import { type FlowMessage, setUp } from '../../src/runtime/node';
import { bindRequests, ownOr, readOperation, requestOptions, useOpenRemote } from '../../src/runtime/openremote';
import { translator } from '../../src/runtime/texts';
import { invalid } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

const OPERATIONS = ['update', 'updateMany', 'get', 'getValue', 'getAll'] as const;

/** A message's time of a value: ms since the epoch, a Date, or an instant as text. */
function readTimestamp(given: unknown): number | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const ms = typeof given === 'number' ? given : given instanceof Date ? given.getTime() : Date.parse(text(given));
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw invalid('msg.timestamp', [{ path: 'timestamp', message: 'is neither ms since the epoch nor an instant' }]);
}

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function OpenRemoteAttribute(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const options = requestOptions(life, config);
      const { session, choice } = useOpenRemote(RED, this, life, status, config);
      const client = new Client(session, choice);

      const perform = async (message: FlowMessage): Promise<{ payload: unknown; outcome: 'accepted' | 'sent' }> => {
        const operation = readOperation(config['operation'], message, OPERATIONS);
        const assetId = ownOr(config['assetId'], message, 'assetId');
        const attribute = ownOr(config['attribute'], message, 'attribute');
        switch (operation) {
          case 'update': {
            const at = readTimestamp(message['timestamp']);
            const written = await client.updateAttribute(assetId, attribute, message.payload, options, at);
            return { payload: written, outcome: written.outcome };
          }
          case 'updateMany': {
            const at = readTimestamp(message['timestamp']);
            const written = await client.updateAttributes(assetId, message.payload, options, at);
            return { payload: written, outcome: written[0]?.outcome ?? 'accepted' };
          }
          case 'get':
            return { payload: await client.getAttribute(assetId, attribute, options), outcome: 'accepted' };
          case 'getValue':
            return { payload: await client.getValue(assetId, attribute, options), outcome: 'accepted' };
          case 'getAll':
            return { payload: await client.getAttributes(assetId, options), outcome: 'accepted' };
        }
      };

      bindRequests(RED, this, status, async (message) => {
        const { payload, outcome } = await perform(message);
        return { result: { ...message, payload }, shown: t(`outcome.${outcome}`) };
      });
    });
  }

  RED.nodes.registerType('openremote-attribute', OpenRemoteAttribute);
}
