/** Which topics a client may publish to. */
import { BoundedMap } from '../bounded-map';
import type { Client } from '../broker/types';
import type { Clock } from '../clock';
import { parseClassicWrite } from '../classic/write';
import { isDisabled } from '../gateway/gateway-asset';
import { parseRequest, type Request } from '../operations/request';
import type { Behaviour } from '../options';
import type { Caller, Permissions } from './permissions';
import type { Identity } from './users';

const CACHE_MS = 300_000;
const MAX_CACHED_TOPICS = 10_000;

export class PublishRules {
  /** Until when a topic stays permitted, by connection. */
  private readonly cache = new WeakMap<Client<Identity>, Map<string, number>>();

  constructor(
    private readonly permissions: Permissions,
    private readonly behaviour: Behaviour,
    private readonly clock: Clock,
  ) {}

  /**
   * A yes is remembered for five minutes per connection and topic, as the real server does: an asset deleted meanwhile is
   * then found missing by the operation only, or not at all.
   */
  permits(client: Client<Identity>, topic: string): boolean {
    const now = this.clock.now();
    const cached = this.cache.get(client) ?? new BoundedMap<string, number>(MAX_CACHED_TOPICS);
    if (this.behaviour.authorisationCache && now < (cached.get(topic) ?? 0)) return true;
    const permitted = this.decide(client, topic);
    if (permitted) this.cache.set(client, cached.set(topic, now + CACHE_MS));
    return permitted;
  }

  private decide(client: Client<Identity>, topic: string): boolean {
    const caller = this.permissions.caller(client, topic);
    if (!caller || (caller.gateway && isDisabled(caller.gateway))) return false;
    const levels = topic.split('/').slice(2);
    const write = parseClassicWrite(levels);
    if (write) return this.permissions.mayWriteAttribute(caller, write.id, write.name);
    if (this.behaviour.profile === 'classic') return false;
    if (levels.join('/') === 'gateway/events/acknowledge') return caller.gateway !== undefined;
    const request = parseRequest(levels);
    return request !== undefined && this.permitsRequest(caller, request);
  }

  private permitsRequest(caller: Caller, { operation, id, attribute }: Request): boolean {
    const { permissions } = this;
    switch (operation) {
      case 'asset.create':
        return permissions.mayCreateAssets(caller);
      case 'asset.get':
        return permissions.mayRead(caller);
      case 'asset.update':
      case 'asset.delete':
        return permissions.mayChangeAsset(caller, id);
      case 'attribute.update':
        return permissions.inReach(caller, id) && permissions.mayWriteAttribute(caller, id, attribute);
      case 'attributes.update':
        // Its entries are checked later, and answered with UNAUTHORIZED.
        return true;
      case 'attributes.get':
        // In the documentation, but no handler listens to it.
        return this.behaviour.profile === 'documented' && this.permitsReading(caller, id);
      case 'attribute.get':
      case 'attribute.getValue':
        return this.permitsReading(caller, id);
    }
  }

  private permitsReading(caller: Caller, id: string): boolean {
    return this.permissions.mayRead(caller) && this.permissions.inReach(caller, id);
  }
}
