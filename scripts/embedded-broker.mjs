// The MQTT broker of the demo and the tests: aedes in this process, on loopback.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';

/**
 * aedes 1.x stores retained messages asynchronously: messages that follow in the same TCP segment overtake them, and
 * what was overtaken is then dropped as a duplicate. A store that is done at once keeps the order.
 */
function keepOrder({ persistence }) {
  const store = persistence.storeRetained.bind(persistence);
  const atOnce = { then: (done) => done() };
  persistence.storeRetained = (packet) => {
    void store(packet);
    return atOnce;
  };
}

/** @returns the aedes instance, its server and port, and its open sockets. */
export async function startBroker(port = 0) {
  const aedes = await Aedes.createBroker();
  keepOrder(aedes);
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    aedes,
    sockets,
    port: server.address().port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await new Promise((resolve) => aedes.close(resolve));
    },
  };
}
