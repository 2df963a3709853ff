/** Publishes each change once for every event filter that selects it. */
import type { Client } from '../broker/types';
import { changeToJson, type ModelChange } from '../model/events';
import { type Selector, selects, topicOf } from './selector';

/** Filters live as long as their connection, even if the broker keeps the session. */
export class EventPublisher {
  private readonly filters = new Map<Client<unknown>, Map<string, Selector>>();

  constructor(private readonly publish: (topic: string, payload: unknown) => void) {}

  /** A filter that exists already stays the one it is. */
  add(client: Client<unknown>, filter: string, selector: Selector): void {
    const own = this.filters.get(client) ?? new Map<string, Selector>();
    this.filters.set(client, own.set(filter, selector));
  }

  remove(client: Client<unknown>, filter: string): void {
    this.filters.get(client)?.delete(filter);
  }

  removeAll(client: Client<unknown>): void {
    this.filters.delete(client);
  }

  tell(change: ModelChange): void {
    for (const own of this.filters.values()) {
      for (const selector of own.values()) {
        if (selects(selector, change)) this.publish(topicOf(selector, change), payloadOf(selector, change));
      }
    }
  }
}

function payloadOf({ meaning }: Selector, change: ModelChange): unknown {
  return meaning.valueOnly && change.kind === 'attribute' ? change.value : changeToJson(change);
}
