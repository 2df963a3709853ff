/** Connections of the product, made for tests. */
import { Connection, type ConnectionOptions, type LinkState } from '../../src/mqtt/connection';
import { readServers } from '../../src/mqtt/servers';

/** Faults that belong to no caller; a test looks at them or asserts that there are none. */
export interface TestConnection {
  readonly connection: Connection;
  readonly faults: Error[];
  /** Resolves with the first state of that kind, the present one included. */
  readonly reached: (state: LinkState['state']) => Promise<LinkState>;
}

export function createConnection(broker: string, options: Partial<ConnectionOptions> = {}): TestConnection {
  const faults: Error[] = [];
  const connection = new Connection(
    {
      servers: readServers(broker, 1883, false),
      protocolVersion: 'auto',
      clientId: `test-${Math.random().toString(16).slice(2)}`,
      keepalive: 30,
      clean: true,
      maxBackoff: 50,
      ...options,
    },
    (error) => faults.push(error),
  );
  return {
    connection,
    faults,
    reached: (state) =>
      new Promise((resolve) => {
        if (connection.state.state === state) {
          resolve(connection.state);
          return;
        }
        const end = connection.onState((link) => {
          if (link.state !== state) return;
          end();
          resolve(link);
        });
      }),
  };
}
