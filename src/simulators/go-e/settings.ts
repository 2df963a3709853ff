/** Stored values by API key, with typed access for the charging logic. */
import { type ApiKey, initialValue, type Json } from './keys';

export class Settings {
  readonly #values = new Map<string, Json>();

  constructor(keys: ReadonlyMap<string, ApiKey>, particular: Readonly<Record<string, Json>>) {
    for (const [name, key] of keys) this.#values.set(name, initialValue(key));
    for (const [name, value] of Object.entries(particular)) if (keys.has(name)) this.#values.set(name, value);
  }

  get(key: string): Json | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Json): void {
    this.#values.set(key, value);
  }

  /** null when the key holds no number. */
  optional(key: string): number | null {
    const value = this.#values.get(key);
    return typeof value === 'number' ? value : null;
  }

  number(key: string, otherwise = 0): number {
    return this.optional(key) ?? otherwise;
  }

  flag(key: string): boolean {
    return this.#values.get(key) === true;
  }
}
