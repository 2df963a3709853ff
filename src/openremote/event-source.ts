/** The events of one selection, in the dialect that the server speaks. */
import type { Subscription } from '../mqtt/dispatcher';
import { EnergyError, toError } from '../shared/errors';
import { type Dialect, type DialectChoice, isGateway } from './address';
import { EventReader } from './event-reader';
import type { OpenRemoteEvent } from './events';
import { checkSelection, filterOf, type Selection } from './selection';
import type { Session } from './session';

export interface EventListener {
  onEvent(event: OpenRemoteEvent, topic: string): void;
  /** Refused or impossible subscription (SUBSCRIPTION_REFUSED, UNSUPPORTED), unreadable event (BAD_PAYLOAD). */
  onFault(error: EnergyError, topic: string): void;
  /** Another node's selection on the same connection brings events that cannot be told from this one's. */
  onAmbiguous?(wider: Selection): void;
}

export class EventSource {
  private current: { readonly dialect: Dialect; readonly subscription: Subscription | undefined } | undefined;
  private readonly ends: (() => void)[] = [];

  /**
   * Listens until `close` is called.
   * @throws EnergyError INVALID | UNSUPPORTED
   */
  constructor(
    private readonly session: Session,
    choice: DialectChoice,
    private readonly selection: Selection,
    private readonly listener: EventListener,
  ) {
    checkSelection(selection);
    if (choice !== 'auto') filterOf(choice, session.address, selection);
    this.ends.push(session.filters.add(selection));
    if (choice === 'auto') {
      this.ends.push(session.hold());
      // Unknown for a moment with each connection: the subscription is made anew by itself then.
      this.ends.push(
        session.onDialect((dialect) => {
          if (dialect) this.follow(dialect);
        }),
      );
    } else {
      this.follow(choice);
    }
    const soon = setImmediate(() => {
      const wider = session.filters.widerThan(selection);
      if (wider) listener.onAmbiguous?.(wider);
    });
    this.ends.push(() => clearImmediate(soon));
  }

  close(): void {
    for (const end of this.ends.splice(0)) end();
    this.current?.subscription?.close();
    this.current = undefined;
  }

  private follow(dialect: Dialect): void {
    // Without a subscription it is told again, since the status forgets with the connection.
    if (this.current?.dialect === dialect && this.current.subscription) return;
    this.current?.subscription?.close();
    this.current = { dialect, subscription: this.subscribe(dialect) };
  }

  private subscribe(dialect: Dialect): Subscription | undefined {
    const { session, selection, listener } = this;
    let filter: string;
    try {
      filter = filterOf(dialect, session.address, selection);
    } catch (thrown) {
      listener.onFault(
        thrown instanceof EnergyError ? thrown : new EnergyError('UNSUPPORTED', toError(thrown).message),
        '',
      );
      return undefined;
    }
    const reader = new EventReader(session.address, selection, () => session.filters.overlapping);
    return session.connection.subscribe([filter], {
      onMessage: (message) => {
        if (message.retained) return;
        const reading = reader.read(message, Date.now());
        if (reading instanceof EnergyError) listener.onFault(reading, message.topic);
        else if (reading) listener.onEvent(reading, message.topic);
      },
      onRefused: (refused, error) => listener.onFault(this.explain(error), refused),
    });
  }

  private explain({ message, cause }: EnergyError): EnergyError {
    const { session, selection } = this;
    const reason = isGateway(session.address)
      ? 'a gateway may watch assets below itself only: choose one of them by its id; its own id and the whole realm are refused (right after a creation: once the server has registered the asset)'
      : selection.scope === 'asset'
        ? 'no asset of that id in the realm, or the role read:assets is missing'
        : 'the user needs the role read:assets';
    return new EnergyError('SUBSCRIPTION_REFUSED', `${message}: ${reason}`, cause);
  }
}
