/** A simulated manager, and sessions of real connections to it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Connection, ConnectionOptions } from '../../../src/mqtt/connection';
import type { DialectChoice } from '../../../src/openremote/address';
import { Client } from '../../../src/openremote/client';
import { type RequestOptions, type Session, sessionOf } from '../../../src/openremote/session';
import { EnergyError } from '../../../src/shared/errors';
import {
  createOpenRemoteSimulator,
  DEMO,
  type OpenRemoteSimulator,
  type OpenRemoteSimulatorOptions,
} from '../../../src/simulators/openremote/index';
import { createConnection } from '../../support/connect';

export { DEMO };

export const VERSIONS = [5, 4] as const;

/** The payloads of the manager's documentation, by what they are. */
export const EXAMPLES = JSON.parse(
  fs.readFileSync(path.join(process.cwd(), 'test/fixtures/openremote/documented-examples.json'), 'utf8'),
) as Record<string, Record<string, unknown>>;

export const NEVER = new AbortController().signal;
export const OPTIONS: RequestOptions = { timeout: 5_000, signal: NEVER };

/** A room below the demo's building, with one attribute of each kind that matters here. */
export const ROOM = {
  name: 'Kitchen',
  type: 'ThingAsset',
  parentId: DEMO.buildingId,
  attributes: {
    temperature: { type: 'number', value: 21.5, meta: { label: 'Temperature', storeDataPoints: true } },
    lit: { type: 'boolean', value: false },
    remark: { type: 'text' },
  },
};

export interface Manager {
  readonly simulator: OpenRemoteSimulator;
  connect(options?: Partial<ConnectionOptions>): Promise<Connection>;
  /** A held session of the demo's user. */
  session(options?: Partial<ConnectionOptions>): Promise<Session>;
  client(options?: Partial<ConnectionOptions>, choice?: DialectChoice): Promise<Client>;
  stop(): Promise<void>;
}

export async function startManager(options: OpenRemoteSimulatorOptions = {}): Promise<Manager> {
  const simulator = createOpenRemoteSimulator(options);
  await simulator.start();
  const opened: Connection[] = [];
  const connect = async (given: Partial<ConnectionOptions> = {}): Promise<Connection> => {
    const { connection, reached } = createConnection(simulator.url, {
      clientId: `client_${opened.length}`,
      username: `${DEMO.realm}:${DEMO.user}`,
      password: DEMO.secret,
      ...given,
    });
    opened.push(connection);
    connection.open();
    await reached('connected');
    return connection;
  };
  const session = async (given: Partial<ConnectionOptions> = {}): Promise<Session> => {
    const made = sessionOf(await connect(given), DEMO.realm);
    made.hold();
    return made;
  };
  return {
    simulator,
    connect,
    session,
    client: async (given, choice = 'auto') => new Client(await session(given), choice),
    stop: async () => {
      await Promise.all(opened.map((connection) => connection.close()));
      await simulator.stop();
    },
  };
}

/** As a Gateway V2 asset has to connect. */
export const AS_GATEWAY: Partial<ConnectionOptions> = {
  clientId: DEMO.gatewayClientId,
  username: `${DEMO.realm}:${DEMO.gatewayClientId}`,
  password: DEMO.gatewaySecret,
};

/** For `assert.rejects`: an EnergyError of that code, and of the server's own code where one is given. */
export function failsWith(code: string, serverCode?: string): (thrown: unknown) => boolean {
  return (thrown) =>
    thrown instanceof EnergyError &&
    thrown.code === code &&
    (serverCode === undefined || thrown.cause.error === serverCode);
}
