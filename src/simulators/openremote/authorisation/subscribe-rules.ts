/** Which topic filters a client may subscribe to. */
import type { Client } from '../broker/types';
import { selectorOf } from '../events/event-filters';
import type { Selector } from '../events/selector';
import { isDisabled } from '../gateway/gateway-asset';
import type { Behaviour } from '../options';
import type { Permissions } from './permissions';
import type { Identity } from './users';

/** What a permitted filter is for. */
export type Grant = { readonly events: Selector } | 'answers' | 'pending writes';

export class SubscribeRules {
  constructor(
    private readonly permissions: Permissions,
    private readonly behaviour: Behaviour,
  ) {}

  /** undefined: refused. */
  grant(client: Client<Identity>, filter: string): Grant | undefined {
    const caller = this.permissions.caller(client, filter);
    if (!caller || (caller.gateway && isDisabled(caller.gateway))) return undefined;
    const { profile } = this.behaviour;
    const levels = filter.split('/').slice(2);
    if (profile !== 'classic') {
      if (levels[0] === 'operations' && levels.at(-1) === 'response') return 'answers';
      if (caller.gateway && levels.join('/') === 'gateway/events/pending') return 'pending writes';
    }
    const events = selectorOf(filter, caller, this.permissions, profile);
    return events && { events };
  }
}
