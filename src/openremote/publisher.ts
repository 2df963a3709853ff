/**
 * Publishes to the manager, and tells its refusals for what they are. With 3.1.1 it refuses by closing the connection
 * without a word; so that it is certain which publication was meant, they go out one at a time there.
 */
import type { Connection, LinkState } from '../mqtt/connection';
import type { Publication } from '../mqtt/types';
import { EnergyError } from '../shared/errors';
import { refusalReason } from './refusals';

export class Publisher {
  /** 3.1.1: settled when the broker answered the publication before. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: Connection) {}

  /**
   * @param deadline ms since the epoch
   * @param signal aborted: not sent if it still waits
   * @throws EnergyError REFUSED | NOT_CONNECTED | TIMEOUT | INVALID
   */
  publish(publication: Publication, deadline: number, signal: AbortSignal): Promise<unknown> {
    const link = this.connection.state;
    if (link.state !== 'connected' || link.protocolVersion === 5) return this.send(publication, deadline, link);
    const mine = this.turn.then(() => {
      if (signal.aborted || this.connection.state !== link) {
        throw new EnergyError('NOT_CONNECTED', 'The connection or the node was closed before it was sent');
      }
      if (Date.now() >= deadline) {
        throw new EnergyError('TIMEOUT', 'Not sent in time: the broker did not acknowledge what was sent before');
      }
      return this.send(publication, deadline, link);
    });
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async send(publication: Publication, deadline: number, link: LinkState): Promise<unknown> {
    try {
      return await this.connection.publish(publication, deadline);
    } catch (thrown) {
      throw this.isRefusal(thrown, link) ? toRefusal(thrown, publication.topic) : thrown;
    }
  }

  private isRefusal(thrown: unknown, link: LinkState): thrown is EnergyError {
    if (!(thrown instanceof EnergyError)) return false;
    if (thrown.code === 'PUBLISH_REFUSED') return true;
    // Closed by us is no refusal.
    const lost = thrown.code === 'NOT_CONNECTED' && this.connection.state.state !== 'closed';
    return lost && link.state === 'connected' && link.protocolVersion === 4;
  }
}

function toRefusal({ code, cause }: EnergyError, topic: string): EnergyError {
  const told = code === 'PUBLISH_REFUSED';
  const how = told ? 'OpenRemote refused' : 'OpenRemote closed the connection, its way to refuse with MQTT 3.1.1, at';
  const reply = told ? (cause.reply ?? 'not authorised') : 'connection closed';
  return new EnergyError('REFUSED', `${how} ${topic}: ${refusalReason(topic)}`, { reply });
}
