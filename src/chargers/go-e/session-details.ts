/** What a go-e charger knows of a session beyond the common status: who started it, and where its energy came from. */
import type { GoeNative } from './native';
import { arrayOf, numberOf, stringOf } from './values';
import { isRecord } from './plain-json';

export interface GoeSessionDetails {
  /**
   * The card that started the session, null = none. `slot` 0 to 9, null = authorised without a card. `name` is what
   * the owner called it: firmware 60 has it in `c<n>n`, older firmware, and 60.3 again, in `cards`.
   */
  readonly card: { readonly slot: number | null; readonly name: string | null } | null;
  /** Wh of this session by source (firmware 59.4 and later); null = the charger does not tell. */
  readonly source: {
    readonly solar: number | null;
    readonly grid: number | null;
    readonly battery: number | null;
  } | null;
  /** W that the charger uses for its surplus logic now; null = nothing is fed to it, or it has expired. */
  readonly feed: { readonly grid: number; readonly solar: number | null; readonly battery: number | null } | null;
}

export function sessionDetails({ values }: GoeNative): GoeSessionDetails {
  const grid = numberOf(values, 'pgrid');
  const source = {
    solar: numberOf(values, 'whs'),
    grid: numberOf(values, 'whg'),
    battery: numberOf(values, 'whb'),
  };
  return {
    card: activeCard(values),
    source: Object.values(source).every((energy) => energy === null) ? null : source,
    feed: grid === null ? null : { grid, solar: numberOf(values, 'ppv'), battery: numberOf(values, 'pakku') },
  };
}

/** `trx`: null none, 0 without card, 1 to 10 = slot 0 to 9. */
function activeCard(values: GoeNative['values']): GoeSessionDetails['card'] {
  const trx = numberOf(values, 'trx');
  if (trx === null || trx < 0 || trx > 10 || !Number.isInteger(trx)) return null;
  if (trx === 0) return { slot: null, name: null };
  const slot = trx - 1;
  const listed = arrayOf(values, 'cards')[slot];
  const name = stringOf(values, `c${slot}n`) ?? (isRecord(listed) ? listed['name'] : null);
  return { slot, name: typeof name === 'string' ? name : null };
}
