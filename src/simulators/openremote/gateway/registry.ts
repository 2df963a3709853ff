/** Which client is a gateway, and which assets are its descendants. */
import type { Clock } from '../clock';
import type { Asset } from '../model/asset';
import type { AssetStore } from '../model/asset-store';
import { GATEWAY_TYPE } from '../model/asset-types';
import type { ModelChange } from '../model/events';
import type { Behaviour } from '../options';
import { clientIdOf } from './gateway-asset';

export class GatewayRegistry {
  private readonly byClient = new Map<string, string>();
  private readonly unregistered = new Set<string>();

  constructor(
    private readonly store: AssetStore,
    private readonly behaviour: Behaviour,
    private readonly clock: Clock,
  ) {
    store.onChange((change) => this.follow(change));
  }

  /** A gateway is recognised by the MQTT client id alone, whoever the authenticated user is. */
  ofClient(clientId: string): Asset | undefined {
    const id = this.byClient.get(clientId);
    return id === undefined || this.absent ? undefined : this.store.get(id);
  }

  /** The nearest gateway above; a gateway is not its own descendant. */
  above(asset: Asset): Asset | undefined {
    if (this.absent || this.unregistered.has(asset.id)) return undefined;
    return asset.path
      .slice(0, -1)
      .map((id) => this.store.get(id))
      .findLast((ancestor) => ancestor?.type === GATEWAY_TYPE);
  }

  /** A gateway itself, or below one. */
  isUnderGateway(asset: Asset): boolean {
    return asset.type === GATEWAY_TYPE || this.above(asset) !== undefined;
  }

  isDescendant(gateway: Asset, assetId: string): boolean {
    const asset = this.store.get(assetId);
    return (
      asset !== undefined &&
      asset.id !== gateway.id &&
      asset.path.includes(gateway.id) &&
      !this.unregistered.has(asset.id)
    );
  }

  /** Released managers know nothing of Gateway V2. */
  private get absent(): boolean {
    return this.behaviour.profile === 'classic';
  }

  private follow(change: ModelChange): void {
    if (change.kind !== 'asset') return;
    const { asset, cause, updatedProperties } = change;
    if (cause === 'DELETE') {
      this.unregistered.delete(asset.id);
      this.byClient.delete(clientIdOf(asset.id));
      return;
    }
    if (asset.type === GATEWAY_TYPE) this.byClient.set(clientIdOf(asset.id), asset.id);
    if (cause === 'CREATE' || updatedProperties?.includes('parentId')) this.registerLater(asset);
  }

  /** The real registry is filled in the background. */
  private registerLater(asset: Asset): void {
    const delay = this.behaviour.descendantRegistrationDelayMs;
    if (delay === 0 || !this.above(asset)) return;
    this.unregistered.add(asset.id);
    this.clock.after(delay, () => this.unregistered.delete(asset.id));
  }
}
