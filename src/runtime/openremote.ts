/** What the four OpenRemote nodes share: their address on the manager, its dialect in the status, their requests. */
import type { Node, NodeAPI } from 'node-red';
import { DIALECTS, type DialectChoice, realmOf } from '../openremote/address';
import { type RequestOptions, type Session, sessionOf } from '../openremote/session';
import { EnergyError, type ErrorCode } from '../shared/errors';
import { showLink, useBroker } from './broker';
import { number, oneOf, text } from './coerce';
import { bindInput, type FlowMessage, type Life, report, type StatusReporter } from './node';
import { translator } from './texts';

const NAMESPACE = '@jouleflow/node-red-home-energy/openremote-asset';

export interface OpenRemoteUse {
  readonly session: Session;
  readonly choice: DialectChoice;
  /** Tells the Catch node, and shows in the status what stays wrong while the connection lasts. */
  readonly fault: (error: EnergyError, topic: string) => void;
}

/**
 * The manager's client that a node's properties name, held for the node's life; its dialect shows in the status.
 * @throws EnergyError NOT_CONFIGURED
 */
export function useOpenRemote(
  RED: NodeAPI,
  node: Node,
  life: Life,
  status: StatusReporter,
  config: Readonly<Record<string, unknown>>,
): OpenRemoteUse {
  const choice = oneOf('dialect', config['dialect'], ['auto', ...DIALECTS] as const, 'auto');
  const { connection } = useBroker(RED, node, life, text(config['broker']));
  const { username } = connection;
  if (username !== undefined && !connection.hasPassword) {
    throw new EnergyError(
      'NOT_CONFIGURED',
      'The broker has a user name but no password: OpenRemote takes that for anonymous and refuses everything',
    );
  }
  const session = sessionOf(connection, text(config['realm']) || realmOf(username));
  if (choice !== 'classic') life.owns(session.hold());
  const t = translator(RED);
  let lasting: ErrorCode | undefined;
  const show = (): void => {
    if (connection.state.state !== 'connected') return;
    const dialect = choice === 'classic' ? choice : session.dialect;
    const refused = lasting ?? (choice === 'gateway' && dialect === 'classic' ? 'SUBSCRIPTION_REFUSED' : undefined);
    if (refused) status.show('red', 'dot', t(`errors.${refused}`));
    else if (dialect === null) status.show('green', 'dot', 'node-red:common.status.connected');
    else status.show('green', 'dot', RED._(`${NAMESPACE}:status.${dialect}`));
  };
  showLink(RED, connection, life, status, show);
  life.owns(session.onDialect(show));
  life.owns(
    connection.onState(({ state }) => {
      // The broker is asked again with the next connection.
      if (state !== 'connected') lasting = undefined;
    }),
  );
  const fault = (error: EnergyError, topic: string): void => {
    report(node, error, topic);
    if (error.code === 'BAD_PAYLOAD') return;
    lasting = error.code;
    show();
  };
  return { session, choice, fault };
}

/** Time-out and end of the requests of a node. */
export function requestOptions(life: Life, config: Readonly<Record<string, unknown>>): RequestOptions {
  return { timeout: number('timeout', config['timeout'], 10) * 1_000, signal: life.signal };
}

/** A node's own property, or where it is empty the message's. */
export function ownOr(own: unknown, message: FlowMessage, property: string): string {
  return text(own) || text(message[property]);
}

/**
 * One of a node's operations: fixed by its property, or named by the message.
 * @throws EnergyError INVALID
 */
export function readOperation<T extends string>(own: unknown, message: FlowMessage, allowed: readonly T[]): T {
  const given = ownOr(own, message, 'operation');
  const found = allowed.find((name) => name === given);
  if (found !== undefined) return found;
  const fault = given === '' ? 'is missing' : `must be one of ${allowed.join(', ')}`;
  throw new EnergyError('INVALID', `operation: ${fault}`, { details: [{ path: 'operation', message: fault }] });
}

/** Binds the input of a node that makes one request per message, and shows in its status how it went. */
export function bindRequests(
  RED: NodeAPI,
  node: Node,
  status: StatusReporter,
  perform: (message: FlowMessage) => Promise<{ readonly result: FlowMessage | null; readonly shown: string }>,
): void {
  const t = translator(RED);
  bindInput(node, async (message, send) => {
    try {
      const { result, shown } = await perform(message);
      status.show('green', 'dot', shown);
      if (result) send(result);
    } catch (thrown) {
      status.show('red', 'dot', thrown instanceof EnergyError ? t(`errors.${thrown.code}`) : '!');
      throw thrown;
    }
  });
}
