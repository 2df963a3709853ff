/**
 * Power readings for the charger's surplus logic, written to `ids`. It uses the grid power only and shows the rest.
 * Signs are ours: grid + = import, battery + = discharge.
 */
import type { GoeFeed } from '../../generated/goe-feed';
import type { Exchange, Silence, Verdict } from '../../mqtt/exchange-types';
import type { Message } from '../../mqtt/types';
import { type GoeNative, isLive } from './native';
import { finite, jsonOf, numberOf } from './values';
import { planWrite } from './write';

/**
 * ms between two feeds. A reading expires after 5 to 15 s, by firmware: then `pgrid`, `ppv`, `pakku` turn null and the
 * charger pauses. So a feed is repeated at this pace while its source delivers, and only then.
 */
export const FEED_INTERVAL = 5000;

/** ms after the flow's last feed. An older reading is no surplus to charge with: it may expire. */
const FEED_LASTING = 15_000;

/** ms. An unchanged reading is not published again, and a feed that waits must not hold up the next one. */
const SEEN_WITHIN = 2000;
const ANSWERED_WITHIN = 4000;

/** `ids` itself is never published: its members show in these keys. */
const SHOWN_IN = { pGrid: 'pgrid', pPv: 'ppv', pAkku: 'pakku' } as const;
type PowerInput = Partial<Record<keyof typeof SHOWN_IN, number>>;

/** Whole watts; what is not known is left out. */
function powerInput({ grid, solar, battery }: GoeFeed): PowerInput {
  return {
    pGrid: wholeWatts(grid),
    ...(typeof solar === 'number' ? { pPv: wholeWatts(solar) } : {}),
    ...(typeof battery === 'number' ? { pAkku: wholeWatts(battery) } : {}),
  };
}

function wholeWatts(power: number): number {
  return Math.round(power) || 0;
}

function inOurWords({ pGrid: grid, pPv: solar, pAkku: battery }: PowerInput): object {
  return { grid, ...(solar === undefined ? {} : { solar }), ...(battery === undefined ? {} : { battery }) };
}

function isInForce(native: GoeNative, input: PowerInput): boolean {
  return Object.entries(SHOWN_IN).every(([member, key]) => {
    const wanted = input[member as keyof PowerInput];
    return wanted === undefined || (isLive(native, key) && numberOf(native.values, key) === wanted);
  });
}

export function planFeed(native: GoeNative, params: GoeFeed): Exchange {
  const input = powerInput(params);
  const exchange = planWrite(native, { key: 'ids', value: input, path: 'grid' });
  const topic = native.config.baseTopic + SHOWN_IN.pGrid;
  const seen = (message: Message): Verdict =>
    message.topic === topic && finite(jsonOf(message)) === input.pGrid ? { stage: 'confirmed' } : undefined;
  const afterAccepted: Silence = isInForce(native, input)
    ? { within: 0, then: 'unchanged' }
    : { within: SEEN_WITHIN, then: 'accepted' };
  return {
    ...exchange,
    steps: exchange.steps.map((step) => ({
      ...step,
      attainable: 'confirmed',
      judge: (message) => step.judge?.(message) ?? seen(message),
      afterSent: { then: 'timeout', ...step.afterSent, within: ANSWERED_WITHIN },
      afterAccepted,
    })),
    repeat: { every: FEED_INTERVAL, lasting: FEED_LASTING },
    value: inOurWords(input),
  };
}
