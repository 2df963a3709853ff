/** A link between client and broker that a test can break: a TCP proxy on loopback. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** From now on nothing gets through, in either direction, as on a half-open link; nothing is closed either. */
  hold(): void;
  /**
   * The link works again. What was sent meanwhile comes through, as a sender's kernel would repeat it, unless the sender
   * reset its connection.
   */
  resume(): void;
  /** Resets all connections, so that the broker sends the wills. */
  cut(): void;
  connections(): number;
  /** Connections since its start. */
  opened(): number;
  stop(): Promise<void>;
}

export async function startProxy(target: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let opened = 0;
  let held: { from: Socket; deliver: () => void }[] | undefined;

  const pass = (from: Socket, deliver: () => void): void => {
    if (held) held.push({ from, deliver });
    else deliver();
  };
  const join = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => pass(from, () => to.write(chunk)));
    from.on('end', () => pass(from, () => to.end()));
    from.on('error', () => {
      held = held?.filter((entry) => entry.from !== from);
      pass(from, () => to.destroy());
    });
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    opened += 1;
    join(client, upstream);
    join(upstream, client);
    client.on('close', () => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    hold: () => (held ??= []),
    resume: () => {
      const late = held ?? [];
      held = undefined;
      for (const { deliver } of late) deliver();
    },
    cut,
    connections: () => pairs.size,
    opened: () => opened,
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
