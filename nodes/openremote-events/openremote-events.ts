/** `openremote-events`: asset and attribute events of an OpenRemote manager. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { Client } from '../../src/openremote/client';
import { EventSource } from '../../src/openremote/event-source';
import { fromState } from '../../src/openremote/events';
import { KINDS, SCOPES, type Selection } from '../../src/openremote/selection';
import { oneOf, text } from '../../src/runtime/coerce';
import { bindInput, type FlowMessage, setUp } from '../../src/runtime/node';
import { requestOptions, useOpenRemote } from '../../src/runtime/openremote';
import { invalid } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

/** Whose present state a message asks for. */
function assetsOf(message: FlowMessage, own: string): readonly unknown[] {
  const given = message['assetId'];
  if (Array.isArray(given)) return given;
  if (text(given) || own) return [text(given) || own];
  const fault = 'is missing: the server cannot list assets, so name one or several (array)';
  throw invalid('msg.assetId', [{ path: 'assetId', message: fault }]);
}

export default function (RED: NodeAPI): void {
  function OpenRemoteEvents(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const kind = oneOf('kind', config['kind'], KINDS, 'attribute');
      const scope = oneOf('scope', config['scope'], SCOPES, 'realm');
      const everywhere = scope === 'realm' || scope === 'roots';
      const selection: Selection = {
        kind,
        scope,
        assetId: everywhere ? '' : text(config['assetId']),
        attribute: kind === 'asset' ? '' : text(config['attribute']),
      };
      const { session, choice, fault } = useOpenRemote(RED, this, life, status, config);
      const client = new Client(session, choice);
      const options = requestOptions(life, {});
      const source = new EventSource(session, choice, selection, {
        onEvent: (event, topic) => this.send({ topic, payload: event }),
        onFault: fault,
        onAmbiguous: (wider) =>
          this.warn(
            `Another node of this broker gets the events of "${wider.scope}": this one will get them too, since they do not tell where their asset stands. Give one of them a broker of its own.`,
          ),
      });
      life.owns(() => source.close());

      bindInput(this, async (message, send) => {
        for (const assetId of assetsOf(message, selection.assetId)) {
          const asset = await client.getAsset(text(assetId), options);
          for (const event of fromState(asset, kind, selection.attribute)) send({ ...message, payload: event });
        }
      });
    });
  }

  RED.nodes.registerType('openremote-events', OpenRemoteEvents);
}
