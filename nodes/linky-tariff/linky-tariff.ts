/** `linky-tariff`: an electricity contract, checked once for all nodes that price with it. */
import type { NodeAPI, NodeDef } from 'node-red';
import { toNumber } from '../../src/linky/payload';
import { isBucket, Tariff } from '../../src/linky/tariff';
import { text } from '../../src/runtime/coerce';
import { notConfigured, type TariffNode } from '../../src/runtime/linky';
import type { EnergyError } from '../../src/shared/errors';

type Config = NodeDef & Record<string, unknown>;

/** Amounts that an environment variable brought as text, and dates left blank. */
function readValue(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (key === 'subscription' || isBucket(key)) return toNumber(value) ?? value;
  return (key === 'from' || key === 'to') && value === '' ? null : value;
}

export default function (RED: NodeAPI): void {
  function LinkyTariff(this: TariffNode, config: Config): void {
    RED.nodes.createNode(this, config);
    try {
      this.tariff = notConfigured(() => {
        const periods: unknown = JSON.parse(JSON.stringify(config['periods'] ?? []), readValue);
        return new Tariff({ option: text(config['option'], 'BASE'), periods });
      });
    } catch (thrown) {
      this.problem = thrown as EnergyError;
      this.warn(this.problem.message);
    }
  }

  RED.nodes.registerType('linky-tariff', LinkyTariff);
}
