/** `openremote-asset`: creates, gets, updates and deletes assets of an OpenRemote manager. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { Client } from '../../src/openremote/client';
import { oneOf, text } from '../../src/runtime/coerce';
import { evaluate } from '../../src/runtime/evaluate';
import { type FlowMessage, setUp } from '../../src/runtime/node';
import { bindRequests, ownOr, readOperation, requestOptions, useOpenRemote } from '../../src/runtime/openremote';
import { translator } from '../../src/runtime/texts';

type Config = NodeDef & Record<string, unknown>;

const OPERATIONS = ['create', 'get', 'update', 'delete'] as const;

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function OpenRemoteAsset(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const mode = oneOf('mode', config['mode'], ['merge', 'replace'] as const, 'merge');
      const options = requestOptions(life, config);
      const { session, choice } = useOpenRemote(RED, this, life, status, config);
      const client = new Client(session, choice);

      const templateFor = (message: FlowMessage): unknown => {
        const [value, type] = [text(config['template']), text(config['templateType'], 'payload')];
        return type === 'payload' || value === '' ? message.payload : evaluate(RED, this, value, type, message);
      };

      /** @returns the asset, and all that the server answered. */
      const perform = async (message: FlowMessage): Promise<{ payload: unknown; event: unknown }> => {
        const operation = readOperation(config['operation'], message, OPERATIONS);
        const assetId = ownOr(config['assetId'], message, 'assetId');
        if (operation === 'get') {
          const asset = await client.getAsset(assetId, options);
          return { payload: asset, event: asset };
        }
        const event =
          operation === 'create'
            ? await client.createAsset(await templateFor(message), options, text(message['responseIdentifier']))
            : operation === 'update'
              ? await client.updateAsset(assetId, await templateFor(message), mode, options)
              : await client.deleteAsset(assetId, options);
        return { payload: event.asset, event };
      };

      bindRequests(RED, this, status, async (message) => ({
        result: Object.assign(message, await perform(message)),
        shown: t('outcome.accepted'),
      }));
    });
  }

  RED.nodes.registerType('openremote-asset', OpenRemoteAsset);
}
