/** The one way a value gets into an attribute: coerced, then stored, or withheld for the gateway that owns the asset. */
import type { Clock } from './clock';
import { clientIdOf } from './gateway/gateway-asset';
import { PendingWrites } from './gateway/pending-writes';
import type { GatewayRegistry } from './gateway/registry';
import type { AssetStore, WriteOutcome } from './model/asset-store';
import { attributeEvent } from './model/events';
import { coerce } from './model/value-types';

/** `misfit`: not of the attribute's type; the server only logs it. `pending`: the gateway has to acknowledge it. */
export type WriteResult = WriteOutcome | 'misfit' | 'pending';

/** Only the Gateway API writes past a gateway; the UI, REST, rules and the standard MQTT API do not. */
export type WriteOrigin = 'gatewayApi' | 'elsewhere';

export type PublishPending = (topic: string, event: object) => void;

export class AttributeWriter {
  private readonly pending: PendingWrites;

  constructor(
    private readonly store: AssetStore,
    private readonly registry: GatewayRegistry,
    private readonly clock: Clock,
    private readonly publishPending: PublishPending,
  ) {
    this.pending = new PendingWrites(clock);
  }

  write(assetId: string, name: string, value: unknown, origin: WriteOrigin, timestamp = this.clock.now()): WriteResult {
    const asset = this.store.get(assetId);
    const attribute = asset?.attributes.get(name);
    if (!asset || !attribute) return 'unknown';
    const coerced = coerce(attribute.type, value);
    if (!coerced) return 'misfit';
    const gateway = origin === 'elsewhere' ? this.registry.above(asset) : undefined;
    if (!gateway) return this.store.writeValue(assetId, name, coerced.value, timestamp);

    const ackId = this.pending.add({ assetId, name, value: coerced.value, timestamp });
    const event = attributeEvent({ id: assetId, name, value: coerced.value, timestamp, realm: asset.realm });
    this.publishPending(`${gateway.realm}/${clientIdOf(gateway.id)}/gateway/events/pending`, { ackId, event });
    return 'pending';
  }

  /** Nobody can acknowledge what was withheld before. */
  forgetPending(): void {
    this.pending.clear();
  }

  /** Unknown, used and expired ids are ignored; so is a write that the attribute has overtaken since. */
  acknowledge(ackId: string): void {
    const write = this.pending.take(ackId);
    if (write) this.store.writeValue(write.assetId, write.name, write.value, write.timestamp);
  }
}
