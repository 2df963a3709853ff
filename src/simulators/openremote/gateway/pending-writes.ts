/** Writes withheld until the gateway acknowledges them. In memory only; nothing is ever sent twice. */
import { BoundedMap } from '../bounded-map';
import type { Clock } from '../clock';
import { uniqueId } from '../model/ids';

export interface AttributeWrite {
  readonly assetId: string;
  readonly name: string;
  /** Of the attribute's type. */
  readonly value: unknown;
  /** ms since the epoch: of the original write. */
  readonly timestamp: number;
}

const LIFETIME_MS = 24 * 3_600_000;
const MAX_ENTRIES = 100_000;

export class PendingWrites {
  private readonly entries = new BoundedMap<string, { readonly write: AttributeWrite; readonly since: number }>(
    MAX_ENTRIES,
  );

  constructor(private readonly clock: Clock) {}

  /** Returns the `ackId`. */
  add(write: AttributeWrite): string {
    const ackId = uniqueId();
    this.entries.set(ackId, { write, since: this.clock.now() });
    return ackId;
  }

  /** Each id counts once, for 24 hours. Whose it is is not checked: any gateway may acknowledge it. */
  take(ackId: string): AttributeWrite | undefined {
    const entry = this.entries.get(ackId);
    this.entries.delete(ackId);
    return entry && this.clock.now() - entry.since < LIFETIME_MS ? entry.write : undefined;
  }

  clear(): void {
    this.entries.clear();
  }
}
