/** The publishing client at the other end of the broker: its last status, and commands to it. */
import type { Connection } from '../mqtt/connection';
import { Exchanger, type RunOptions } from '../mqtt/exchange';
import type { Message } from '../mqtt/types';
import type { Exchange, Outcome } from '../mqtt/exchange-types';
import { EnergyError } from '../shared/errors';
import { type LinkyCommand, planLinkyCommand, readStatusMessage, type SyncProof, unheard } from './command';
import type { LinkyStatus } from './types';

export interface LinkyResult {
  readonly outcome: Outcome;
  /** ms */
  readonly elapsed: number;
  /** ISO 8601 UTC instant of the last sync known; null when none is. */
  readonly lastSync: string | null;
  /** Only of a confirmed sync. */
  readonly proof: SyncProof | null;
}

export class LinkyClient {
  /** Retained or live; null when none is known. */
  private last: LinkyStatus | null = null;
  private readonly ears = new Set<(message: Message) => void>();
  private readonly exchanger: Exchanger;

  constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {
    this.exchanger = new Exchanger({
      assertReachable: () => this.assertReachable(),
      publish: async (publication, deadline) => {
        const receipt = await connection.publish(publication, deadline);
        if (receipt.unheard) throw unheard(publication.topic);
        return receipt;
      },
      listen: (ear) => {
        this.ears.add(ear);
        return () => this.ears.delete(ear);
      },
      onLost: (callback) =>
        connection.onState(({ state }) => {
          if (state !== 'connected') callback();
        }),
    });
  }

  /**
   * Follows the client's status until the returned function is called. It is the only topic subscribed to: a wider filter
   * would match the commands, and the broker could no longer tell that nobody else is subscribed to them.
   */
  follow(onRefused: (filter: string, error: EnergyError) => void): () => void {
    const subscription = this.connection.subscribe([`${this.prefix}/status`], {
      onMessage: (message) => {
        this.last = readStatusMessage(message) ?? this.last;
        if (!message.retained) for (const ear of [...this.ears]) ear(message);
      },
      onRefused,
    });
    return () => subscription.close();
  }

  /**
   * Sends a command, once and never retained.
   * @throws EnergyError NOT_CONNECTED | PUBLISH_REFUSED | REFUSED | TIMEOUT
   */
  async execute(command: LinkyCommand, options: RunOptions): Promise<LinkyResult> {
    const plan = (): Exchange => planLinkyCommand(this.prefix, command, this.last, Date.now);
    const { outcome, elapsed, value } = await this.exchanger.run(plan, options);
    const proof = value as SyncProof | null;
    return { outcome, elapsed, lastSync: proof?.lastSync ?? this.last?.lastSync ?? null, proof };
  }

  private assertReachable(): void {
    const link = this.connection.state;
    if (link.state === 'connected') return;
    const reason = link.state === 'disconnected' ? `: ${link.error.message}` : '';
    throw new EnergyError('NOT_CONNECTED', `Not connected to the broker${reason}`);
  }
}
