/** RFID cards: ten slots, published as one array or as a key per slot and property. */
import type { Json } from './keys';
import type { Profile } from './profiles';

export interface Card {
  name: string;
  /** Wh charged with it */
  energy: number;
  learned: boolean;
}

export const SLOTS = 10;

export function createCards(): Card[] {
  return Array.from({ length: SLOTS }, (_, slot) => ({ name: `User ${slot + 1}`, energy: 0, learned: slot === 0 }));
}

export function cardValues(cards: readonly Card[], layout: Profile['cards']): Record<string, Json> {
  const values: Record<string, Json> = {};
  if (layout.array)
    values['cards'] = cards.map(({ name, energy, learned }) => ({ name, energy: Math.floor(energy), cardId: learned }));
  if (layout.slots)
    for (const [slot, { name, energy, learned }] of cards.entries()) {
      values[`c${slot}n`] = name;
      values[`c${slot}e`] = Math.floor(energy);
      values[`c${slot}i`] = learned;
    }
  return values;
}

/** Takes a write to one of the slot keys; false when `key` is none. */
export function writeSlot(cards: readonly Card[], key: string, value: Json): boolean {
  const [, slot, property] = /^c(\d)([nei])$/.exec(key) ?? [];
  const card = slot === undefined ? undefined : cards[Number(slot)];
  if (!card) return false;
  if (property === 'n') card.name = typeof value === 'string' ? value : '';
  else if (property === 'e') card.energy = Number(value);
  else card.learned = value !== '';
  return true;
}

/** Takes a write to `cards`; entries that are no cards leave their slot as it is. */
export function writeCards(cards: readonly Card[], value: readonly Json[]): void {
  for (const [slot, card] of cards.entries()) {
    const entry = value[slot];
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) continue;
    const { name, energy } = entry as Readonly<Record<string, Json | undefined>>;
    if (typeof name === 'string') card.name = name;
    if (typeof energy === 'number') card.energy = energy;
  }
}

export function eraseCard(card: Card): void {
  card.learned = false;
  card.energy = 0;
}
