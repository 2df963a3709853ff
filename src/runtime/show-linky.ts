/** Readings and costs of a Linky meter as node statuses of under 20 characters: how much, and of which day. */
import type { NodeAPI } from 'node-red';
import { isStale } from '../linky/freshness';
import type { Priced } from '../linky/pricer';
import type { Dataset, LinkyMessage, LinkyPayload } from '../linky/types';
import type { StatusReporter } from './node';
import { translator } from './texts';

/** What says most about a meter comes first; of the others the client's status comes last. */
const PREFERRED: readonly Dataset[] = ['consumption/daily', 'consumption/detailed', 'production/daily'];

/** Shows the newest reading. Meter numbers are not shown: they identify a household. */
export function showReadings(RED: NodeAPI, known: readonly LinkyMessage[], reporter: StatusReporter): void {
  const [payload] = known.map((message) => message.payload).sort((a, b) => rank(a) - rank(b) || byDate(b, a));
  if (!payload) {
    reporter.show('grey', 'ring', translator(RED)('waiting'));
  } else if (payload.dataset === 'status') {
    reporter.show('green', 'dot', `· ${payload.status}`.slice(0, 19));
  } else {
    const [value, unit] = 'slots' in payload ? [payload.total, 'kWh'] : [payload.value, payload.unit];
    const amount = value === null ? '–' : `${decimal(RED, value)} ${unit}`;
    const stale = payload.date?.length === 10 && isStale(payload.date, Date.now());
    reporter.show(stale ? 'yellow' : 'green', stale ? 'ring' : 'dot', amount + dated(RED, payload.date));
  }
}

/** Shows the cost of the newest reading priced; a ring stands for an incomplete one. */
export function showCost(RED: NodeAPI, priced: Priced | undefined, reporter: StatusReporter): void {
  if (!priced) {
    reporter.show('grey', 'ring', translator(RED)('waiting'));
    return;
  }
  const { total, currency, complete } = priced.cost;
  const style = { style: 'currency', currency, useGrouping: false } as const;
  const amount = total === null ? '–' : new Intl.NumberFormat(locale(RED), style).format(total);
  reporter.show(complete ? 'green' : 'yellow', complete ? 'dot' : 'ring', amount + dated(RED, priced.payload.date));
}

function rank({ dataset }: LinkyPayload): number {
  const place = PREFERRED.indexOf(dataset);
  return place >= 0 ? place : PREFERRED.length + (dataset === 'status' ? 1 : 0);
}

function byDate(a: LinkyPayload, b: LinkyPayload): number {
  const [first, second] = [a, b].map((payload) => ('date' in payload ? (payload.date ?? '') : ''));
  return (first ?? '') < (second ?? '') ? -1 : 1;
}

/** Of the server's language, as the node's own catalogue tells it. */
function locale(RED: NodeAPI): string {
  return RED._('status.locale');
}

/** One decimal below 100. */
function decimal(RED: NodeAPI, value: number): string {
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return new Intl.NumberFormat(locale(RED), { maximumFractionDigits: digits, useGrouping: false }).format(value);
}

/** ` · 24 Nov` for a day, ` · Nov` for a month, ` · 2026` for a year. */
function dated(RED: NodeAPI, date: string | null): string {
  if (date === null) return '';
  if (date.length === 4) return ` · ${date}`;
  const day = date.length === 7 ? {} : ({ day: 'numeric' } as const);
  const format = new Intl.DateTimeFormat(locale(RED), { month: 'short', timeZone: 'UTC', ...day });
  return ` · ${format.format(new Date(date)).replace(/\.$/, '')}`;
}
