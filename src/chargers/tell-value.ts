/** Results of neutral commands: the same words and units on all systems. */
import type { Exchange, Verdict } from '../mqtt/exchange-types';

/** The exchange, its result telling `value` instead of the device's own code or document for it. */
export function tellValue(exchange: Exchange, value: unknown): Exchange {
  const translated = (verdict: Verdict): Verdict => (verdict && 'stage' in verdict ? { ...verdict, value } : verdict);
  return {
    ...exchange,
    steps: exchange.steps.map((step) => ({ ...step, judge: (message) => translated(step.judge?.(message)) })),
    value,
  };
}
