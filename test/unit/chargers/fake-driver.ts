/** The least that fulfils the contract of a driver, with a count of its projections. */
import type { ChargerDriver, NativeBase } from '../../../src/chargers/driver';
import type { Message } from '../../../src/mqtt/types';
import { EnergyError } from '../../../src/shared/errors';

interface FakeNative extends NativeBase {
  readonly values: Map<string, string>;
  readonly faults: Map<string, string>;
}

/** s; the fake charger's own default. */
export const STALE_AFTER = 90;

function staleAt({ lastLive, config }: FakeNative): number {
  return (lastLive ?? Infinity) + (config.staleAfter ?? STALE_AFTER) * 1_000;
}

function numberOf({ values }: FakeNative, key: string): number | null {
  const text = values.get(key);
  return text === undefined ? null : Number(text);
}

/** Its keys: `power` and `noise` are quiet, `state` and `max` are not. */
export class FakeDriver {
  projections = 0;

  readonly driver: ChargerDriver<FakeNative> = {
    system: 'openevse',
    commands: new Set(['setCurrent', 'get'] as const),
    base: (typed) => typed,
    create: (config) => ({ config, lastLive: null, heard: false, values: new Map(), faults: new Map() }),
    filters: (base) => [`${base}/+`],
    decode: (native, { topic, payload, retained }: Message, now) => {
      const key = topic.slice(native.config.baseTopic.length + 1);
      const text = Buffer.from(payload).toString();
      const news = !retained && !native.heard;
      if (!retained) Object.assign(native, { lastLive: now, heard: true });
      if (text === 'garbage') {
        native.faults.set(topic, 'is garbage');
        return news ? ['online'] : [];
      }
      native.faults.delete(topic);
      const changed = native.values.get(key) !== text;
      native.values.set(key, text);
      return [...(changed ? [key] : []), ...(news ? ['online'] : [])];
    },
    quiet: new Set(['power', 'noise']),
    project: (native, now) => {
      this.projections += 1;
      const { config, lastLive, heard } = native;
      return {
        system: 'openevse',
        id: config.baseTopic,
        name: config.name,
        online: heard ? now < staleAt(native) : null,
        lastSeen: lastLive === null ? null : new Date(lastLive).toISOString(),
        stale: lastLive !== null && now >= staleAt(native),
        state: native.values.get('state') === 'charging' ? 'charging' : 'unknown',
        vehicle: { connected: null, name: null, soc: null, range: null, limitSoc: null },
        power: numberOf(native, 'power'),
        current: null,
        currents: [null, null, null],
        voltages: [null, null, null],
        phases: { active: null, wanted: null },
        limits: { min: null, max: numberOf(native, 'max') },
        session: { energy: null, duration: null, limit: null },
        energyTotal: null,
        temperature: null,
        mode: null,
        control: { by: null, claim: null, override: null, schedule: null },
        error: null,
        firmware: null,
      };
    },
    deadline: (native, now) => (native.heard && staleAt(native) > now ? staleAt(native) : null),
    disconnected: (native) => void (native.heard = false),
    raw: ({ values }) => Object.fromEntries(values),
    faults: (native) => native.faults,
    plan: ({ command, params }, native) => {
      if (command === 'get') return { lane: 'get', steps: [], value: native.values.get('max') };
      const { current } = params;
      if (typeof current !== 'number') throw new EnergyError('INVALID', 'current is missing');
      const { baseTopic } = native.config;
      return {
        lane: baseTopic,
        steps: [
          {
            publications: [{ topic: `${baseTopic}/max/set`, payload: String(current) }],
            attainable: 'confirmed',
            // Judged by the state, so it proves that the message was folded in before.
            judge: () => (numberOf(native, 'max') === current ? { stage: 'confirmed' } : undefined),
          },
        ],
      };
    },
    discovery: { filters: () => [], fold: () => [], heartbeat: () => null, silence: 60 },
  };
}
