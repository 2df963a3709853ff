/** `site-status`: the house around the charger as evcc reports it. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { differences, paths } from '../../src/chargers/differences';
import type { SiteStatus } from '../../src/chargers/evcc/site';
import { siteOf } from '../../src/chargers/site-store';
import { faultTeller, showLink, useBroker } from '../../src/runtime/broker';
import { number, oneOf, text } from '../../src/runtime/coerce';
import { bindInput, type FlowMessage, setUp } from '../../src/runtime/node';
import { age, power, translator } from '../../src/runtime/texts';

type Config = NodeDef & Record<string, unknown>;

export default function (RED: NodeAPI): void {
  const t = translator(RED);

  function SiteStatusNode(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const emit = oneOf('emit', config['emit'], ['change', 'interval', 'message'] as const, 'change');
      const interval = number('interval', config['interval'], 10);
      const { connection } = useBroker(RED, this, life, text(config['broker']));
      const site = siteOf(connection, text(config['root'], 'evcc'));
      let previous: SiteStatus | undefined;

      const toMessage = (now: SiteStatus): FlowMessage => {
        const changed = previous ? differences(previous, now) : paths(now);
        previous = now;
        // Flows change what they get; the status is that of other nodes, too.
        return { topic: `${site.root}/site`, payload: structuredClone(now), changed };
      };

      const show = ({ online, grid } = site.status()): void => {
        if (online === null) status.show('grey', 'ring', t('waiting'));
        else if (!online) {
          const silence = site.lastLive === null ? '' : ` ${age(Date.now() - site.lastLive)}`;
          status.show('red', 'ring', t('offline') + silence);
        } else if (grid.power === null) status.show('green', 'dot', 'node-red:common.status.connected');
        else {
          const direction = grid.power < 0 ? 'status.export' : 'status.import';
          status.show(
            grid.power < 0 ? 'green' : 'blue',
            'dot',
            RED._(direction, { power: power(t, Math.abs(grid.power)) }),
          );
        }
      };
      showLink(RED, connection, life, status, show);
      // "offline 4 min" grows while nothing happens.
      life.every(30_000, () => {
        if (connection.state.state === 'connected' && site.status().online !== null) show();
      });
      life.owns(
        site.watch({
          onChange: (now) => {
            if (connection.state.state === 'connected') show(now);
            if (emit === 'change') this.send(toMessage(now));
          },
          onMessage: () => {
            if (emit === 'message') this.send(toMessage(site.status()));
          },
          onFault: faultTeller(RED, this, status),
        }),
      );
      if (emit === 'interval') life.every(Math.max(1, interval) * 1_000, () => this.send(toMessage(site.status())));

      bindInput(this, (message, send) => send({ ...message, ...toMessage(site.status()) }));
    });
  }

  RED.nodes.registerType('site-status', SiteStatusNode);
}
