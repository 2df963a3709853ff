/**
 * The TCP socket below a link. It alone can discard what the kernel still holds, so that a half-open link cannot deliver
 * it late: TLS and WebSocket streams can only be closed, and Node.js throws when a TLS socket is to be reset.
 */
import type { ClientRequest } from 'node:http';
import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Server } from './servers';

const WSS_PORT = 443;

export class Underlay {
  private socket: Socket | undefined;

  /**
   * What the MQTT client needs so that its socket is known here. Opens the socket where the link is encrypted.
   * @param tls for the layer above.
   */
  options(server: Server, tls: object): { wsOptions: object; socket?: Socket } {
    if (!server.tls) return { wsOptions: { finishRequest: (request: ClientRequest) => this.follow(request) } };
    const { hostname, port } = new URL(server.url);
    const socket = connect(port ? Number(port) : WSS_PORT, hostname.replace(/^\[|\]$/g, ''));
    // Told by the layer above, which may not come about.
    socket.on('error', () => undefined);
    this.socket = socket;
    return { ...tls, socket, wsOptions: { ...tls, socket } };
  }

  /** @param stream of the client, on top of the socket; absent: it has none. */
  cut(stream?: Pick<Duplex, 'destroy'>): void {
    const socket = this.socket ?? stream;
    // What is above a socket ends with it. Destroyed now, it would close the socket before that is reset.
    if (socket instanceof Socket) socket.resetAndDestroy();
    else stream?.destroy();
  }

  /** Of a WebSocket, which leaves it to the receiver of its request to send it. */
  private follow(request: ClientRequest): void {
    request.once('socket', (socket) => (this.socket = socket));
    request.end();
  }
}
