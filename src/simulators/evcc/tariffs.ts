/** Prices now, and what mixing own energy in makes of them. */
import { type TariffConfig } from './config';

/** Per kWh, null = no tariff configured. */
export function gridPrice(tariffs: TariffConfig, now: number): number | null {
  const { grid } = tariffs;
  if (grid === undefined) return null;
  return typeof grid === 'number' ? grid : (grid[new Date(now).getUTCHours()] ?? null);
}

/** Own energy costs what it would have earned. */
export function shared(bought: number, own: number, greenShare: number): number {
  return bought * (1 - greenShare) + own * greenShare;
}

export function isDynamic(tariffs: TariffConfig): boolean {
  return typeof tariffs.grid === 'object';
}
