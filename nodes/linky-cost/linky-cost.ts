/** `linky-cost`: prices readings of `linky-consumption` with a contract, and sums them up by day, month and year. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { assertColors, readColorTopic } from '../../src/linky/colors';
import { assertReading, isReading } from '../../src/linky/priceable';
import { LinkyPricer, type Priced } from '../../src/linky/pricer';
import { faultTeller, findBroker, showLink, useBroker } from '../../src/runtime/broker';
import { text } from '../../src/runtime/coerce';
import { useTariff } from '../../src/runtime/linky';
import { Memory } from '../../src/runtime/memory';
import { bindInput, report, type Send, setUp } from '../../src/runtime/node';
import { showCost } from '../../src/runtime/show-linky';
import { EnergyError } from '../../src/shared/errors';
import { isTopic } from '../../src/shared/topics';

type Config = NodeDef & Record<string, unknown>;

/** What becomes of a reading that has no price of its own, such as production. */
const UNPRICED = { cost: null, totals: null, comparison: null } as const;

export default function (RED: NodeAPI): void {
  function LinkyCost(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const tariff = useTariff(RED, text(config['tariff']));
      const colorTopic = text(config['colors']);
      if (colorTopic && !isTopic(colorTopic)) throw new EnergyError('NOT_CONFIGURED', `"${colorTopic}" is not a topic`);
      const broker = text(config['broker']);
      // Only colours need it, but one that is gone is a fault all the same.
      if (broker) findBroker(RED, broker);
      const hub = colorTopic ? useBroker(RED, this, life, broker) : undefined;
      const memory = new Memory(this, life, 'costs');
      let newest: Priced | undefined;
      const show = (): void => {
        if (!hub || hub.connection.state.state === 'connected') showCost(RED, newest, status);
      };
      const ready = memory.recall().then((stored) => {
        const pricer = new LinkyPricer(tariff, stored);
        memory.keep(() => pricer.exportState());
        return pricer;
      });

      const describe = (pricer: LinkyPricer, priced: Priced): object => {
        const { payload, cost, totals } = priced;
        if ((payload.date ?? '') >= (newest?.payload.date ?? '')) newest = priced;
        const comparison = totals && payload.date ? pricer.totals.compare(payload.pdl, payload.date) : null;
        return { cost, totals, comparison };
      };

      const learn = (pricer: LinkyPricer, colors: object, send: Send, own?: unknown): void => {
        for (const priced of pricer.learn(colors, own)) {
          const { topic, payload } = priced;
          send({ topic, payload, ...describe(pricer, priced), repriced: true });
        }
        memory.changed();
      };

      if (hub) {
        const { connection } = hub;
        showLink(RED, connection, life, status, show);
        const onColors = async (colors: object): Promise<void> => {
          learn(await ready, colors, (message) => this.send(message));
          show();
        };
        let isReadable = true;
        const tell = faultTeller(RED, this, status);
        const subscription = connection.subscribe([colorTopic], {
          onMessage: ({ payload, retained }) => {
            const colors = readColorTopic(payload, retained, Date.now());
            if (colors) void onColors(colors);
            else if (isReadable)
              report(this, new EnergyError('BAD_PAYLOAD', `${colorTopic}: no Tempo colour can be read`), colorTopic);
            isReadable = colors !== null;
          },
          onRefused: (filter, error) => tell(error, filter),
        });
        life.owns(() => subscription.close());
      } else {
        show();
      }

      bindInput(this, async (message, send) => {
        const { payload, colors = null } = message;
        if (colors !== null) assertColors(colors);
        else assertReading(payload);
        const pricer = await ready;
        if (colors !== null) learn(pricer, colors, send, payload);
        const priced = pricer.price(payload, text(message.topic));
        memory.changed();
        if (priced) send({ ...message, ...describe(pricer, priced) });
        else if (isReading(payload)) send({ ...message, ...UNPRICED });
        show();
      });
    });
  }

  RED.nodes.registerType('linky-cost', LinkyCost);
}
