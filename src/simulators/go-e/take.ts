/** What an accepted write does beyond storing a value. */
import { eraseCard, writeCards, writeSlot } from './cards';
import type { Json } from './keys';
import { type ChargerState, uptime } from './state';
import { parsePowers } from './surplus';
import { TEXTS } from './write';

/** What the connection has to do after a write. */
export type Effect = 'none' | 'reboot';

export interface Taken {
  readonly text: string;
  readonly effect: Effect;
}

type Taker = (state: ChargerState, value: Json) => Taken | undefined;

const refused = (text: string): Taken => ({ text, effect: 'none' });

const TAKERS: Readonly<Record<string, Taker>> = {
  ids(state, value) {
    const powers = parsePowers(value);
    if (typeof powers === 'string') return refused(`${powers} ${JSON.stringify(value)}`);
    state.surplus.feed(powers, state.power, uptime(state));
    return undefined;
  },

  trx(state, value) {
    const number = typeof value === 'number' ? value : null;
    if (number !== null && number > 0 && !state.cards[number - 1]?.learned) return refused(TEXTS.transaction(number));
    startTransaction(state, number);
    return undefined;
  },

  cards(state, value) {
    if (Array.isArray(value)) writeCards(state.cards, value as readonly Json[]);
    return undefined;
  },

  del(state, value) {
    const card = state.cards[Number(value)];
    if (card) eraseCard(card);
    return undefined;
  },

  lrn(state, value) {
    const card = state.cards[Number(value)];
    if (card && state.lastTag !== null) card.learned = true;
    return undefined;
  },

  /** A number sets the group limit of the object that newer firmware holds. */
  lot(state, value) {
    const old = state.settings.get('lot');
    const isObject = typeof old === 'object' && old !== null;
    state.settings.set('lot', typeof value === 'number' && isObject ? Object.assign({}, old, { amp: value }) : value);
    return undefined;
  },

  loty(state, value) {
    state.settings.set('loty', Number(value));
    return undefined;
  },

  tcl(state, value) {
    state.settings.set('tcl', value);
    state.temporaryLimitAt = value === null ? null : uptime(state);
    return undefined;
  },

  rst: () => ({ text: TEXTS.success, effect: 'reboot' }),
};

export function startTransaction(state: ChargerState, number: number | null): void {
  state.transaction = number;
  state.transactionAt = number === null ? null : uptime(state);
}

/** Takes a value that fits its key's type and range. */
export function take(state: ChargerState, key: string, value: Json): Taken {
  const taker = Object.hasOwn(TAKERS, key) ? TAKERS[key] : undefined;
  const taken = taker?.(state, value);
  if (taken) return taken;
  if (!taker && !writeSlot(state.cards, key, value) && state.keys.get(key)?.access !== 'W')
    state.settings.set(key, value);
  return { text: TEXTS.success, effect: 'none' };
}
