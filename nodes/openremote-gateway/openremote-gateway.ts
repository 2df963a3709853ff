/** `openremote-gateway`: pending writes below a Gateway V2 asset, and their acknowledgement. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { GatewayFeed } from '../../src/openremote/gateway-feed';
import { oneOf } from '../../src/runtime/coerce';
import { report, setUp } from '../../src/runtime/node';
import { bindRequests, requestOptions, useOpenRemote } from '../../src/runtime/openremote';
import { translator } from '../../src/runtime/texts';
import { EnergyError, toError } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function OpenRemoteGateway(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const acknowledge = oneOf('acknowledge', config['acknowledge'], ['manual', 'auto'] as const, 'manual');
      const options = requestOptions(life, config);
      const { session, choice, fault } = useOpenRemote(RED, this, life, status, config);
      if (choice === 'classic') {
        throw new EnergyError('UNSUPPORTED', 'Released managers have no Gateway V2: choose the Gateway API as dialect');
      }
      const feed = new GatewayFeed(session);
      const pending = feed.open({
        onPending: ({ ackId, event }, topic) => {
          this.send({ topic, ackId, payload: event });
          // Another node of the connection may have done it.
          if (acknowledge === 'manual' || !feed.isPending(ackId)) return;
          feed.acknowledge(ackId, options).catch((thrown: unknown) => {
            if (!life.signal.aborted) report(this, toError(thrown), topic);
          });
        },
        onFault: fault,
      });
      life.owns(() => pending.close());

      bindRequests(RED, this, status, async (message) => {
        await feed.acknowledge(message['ackId'], options);
        return { result: null, shown: t('outcome.sent') };
      });
    });
  }

  RED.nodes.registerType('openremote-gateway', OpenRemoteGateway);
}
