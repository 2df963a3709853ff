/** A simulated manager, and sessions of real connections to it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Connection, ConnectionOptions } from '../../../src/mqtt/connection';
import type { DialectChoice } from '../../../src/openremote/address';
import { Client } from '../../../src/openremote/client';
import type { Kind, Scope } from '../../../src/openremote/selection';
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

/** Tree: building > room > cupboard, and a shed beside. All ids by name. */
export interface Tree {
  readonly building: string;
  readonly room: string;
  readonly cupboard: string;
  readonly shed: string;
}

export function plant(simulator: OpenRemoteSimulator): Tree {
  const room = simulator.createAsset(ROOM).id;
  const cupboard = simulator.createAsset({ ...ROOM, name: 'Cupboard', parentId: room }).id;
  const { parentId: _, ...rootless } = ROOM;
  const shed = simulator.createAsset({ ...rootless, name: 'Shed' }).id;
  return { building: DEMO.buildingId, room, cupboard, shed };
}

type Place = keyof Tree;

/** Kind, scope, asset, attribute of a selection, and which of room, cupboard, shed it brings when all three change. */
export const SELECTIONS: [Kind, Scope, Place | '', string, Place[]][] = [
  ['attribute', 'realm', '', '', ['cupboard', 'room', 'shed']],
  ['attribute', 'realm', '', 'temperature', ['cupboard', 'room', 'shed']],
  ['attribute', 'roots', '', '', ['shed']],
  ['attribute', 'roots', '', 'temperature', ['shed']],
  ['attribute', 'asset', 'room', '', ['room']],
  ['attribute', 'asset', 'room', 'temperature', ['room']],
  ['attribute', 'children', 'building', 'temperature', ['room']],
  ['attribute', 'subtree', 'room', 'temperature', ['cupboard', 'room']],
  ['value', 'realm', '', '', ['cupboard', 'room', 'shed']],
  ['value', 'realm', '', 'temperature', ['cupboard', 'room', 'shed']],
  ['value', 'roots', '', '', ['shed']],
  ['value', 'asset', 'room', '', ['room']],
  ['value', 'asset', 'room', 'temperature', ['room']],
  ['value', 'children', 'building', 'temperature', ['room']],
  ['value', 'subtree', 'room', 'temperature', ['cupboard', 'room']],
  ['asset', 'realm', '', '', ['cupboard', 'room', 'shed']],
  ['asset', 'roots', '', '', ['shed']],
  ['asset', 'asset', 'room', '', ['room']],
  ['asset', 'children', 'building', '', ['room']],
  ['asset', 'subtree', 'room', '', ['cupboard', 'room']],
];

/** The cupboard before the room that it would go with. */
export const PLACES: Place[] = ['cupboard', 'room', 'shed'];

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
