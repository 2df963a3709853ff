/** `linky-consumption`: what a Linky meter consumed and produced, from whatever client publishes it. */
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { LinkyReader, type LinkyReaderOptions } from '../../src/linky/reader';
import { checkTopicOptions } from '../../src/linky/topics';
import { CURVE_UNITS, DATASETS, type Dataset, type LinkyMessage } from '../../src/linky/types';
import type { Message } from '../../src/mqtt/types';
import { faultTeller, showLink, useBroker } from '../../src/runtime/broker';
import { flag, oneOf, text } from '../../src/runtime/coerce';
import { masked, notConfigured, readPrefix } from '../../src/runtime/linky';
import { Memory } from '../../src/runtime/memory';
import { bindInput, type FlowMessage, report, setUp } from '../../src/runtime/node';
import { showReadings } from '../../src/runtime/show-linky';
import { EnergyError } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

const HOUR = 3_600_000;

function readDatasets(given: unknown): Dataset[] {
  const names: unknown[] = Array.isArray(given) ? given : [];
  return names.map((name) => oneOf('datasets', name, DATASETS, 'status'));
}

function readOptions(config: Config): LinkyReaderOptions {
  const options: LinkyReaderOptions = {
    prefix: readPrefix(config['prefix']),
    discoveryPrefix: text(config['discoveryPrefix'] ?? 'homeassistant').replace(/\/+$/, ''),
    pdl: text(config['pdl']),
    datasets: readDatasets(config['datasets']),
    detailedUnit: oneOf('detailedUnit', config['detailedUnit'], ['auto', ...CURVE_UNITS] as const, 'auto'),
    onlyNew: flag(config['onlyNew'], true),
  };
  notConfigured(() => checkTopicOptions(options));
  return options;
}

export default function (RED: NodeAPI): void {
  /** A copy: the reader keeps the reading, and flows may change their messages. */
  const toMessage = (reading: LinkyMessage): FlowMessage => RED.util.cloneMessage({ ...reading });

  function LinkyConsumption(this: Node, config: Config): void {
    RED.nodes.createNode(this, config);
    setUp(this, (life, status) => {
      const options = readOptions(config);
      const { connection } = useBroker(RED, this, life, text(config['broker']));
      const memory = new Memory(this, life, 'readings');
      let reader: LinkyReader | undefined;
      const show = (): void => {
        if (connection.state.state === 'connected') showReadings(RED, reader?.known() ?? [], status);
      };
      showLink(RED, connection, life, status, show);
      // Readings grow old while nothing happens.
      life.every(HOUR, show);

      const onMessage = (from: LinkyReader, message: Message): void => {
        const { messages, notices, faults } = from.accept(message, Date.now());
        for (const reading of messages) this.send(toMessage(reading));
        for (const { code, text: what, topic } of notices) {
          // The topic's meter is believed; that the body names another is the publisher's mistake.
          if (code === 'PDL_MISMATCH') report(this, new EnergyError('BAD_PAYLOAD', what), topic);
          else this.warn(what);
        }
        for (const fault of faults) report(this, new EnergyError(fault.code, fault.text), fault.topic);
        memory.changed();
        show();
      };

      const tell = faultTeller(RED, this, status);
      const ready = memory.recall().then((stored) => {
        const from = new LinkyReader(options, stored);
        if (life.signal.aborted) return from;
        reader = from;
        memory.keep(() => from.exportState());
        const subscription = connection.subscribe(from.filters(), {
          onMessage: (message) => onMessage(from, message),
          onRefused: (filter, error) => tell(masked(error), filter),
        });
        life.owns(() => subscription.close());
        return from;
      });

      bindInput(this, async (message, send) => {
        for (const reading of (await ready).known()) send({ ...message, ...toMessage(reading) });
      });
    });
  }

  RED.nodes.registerType('linky-consumption', LinkyConsumption);
}
