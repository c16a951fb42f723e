import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

const OK = 200;

/**
 * Every connection that is open, and at most so many. Where one more arrives, one that was never given an answer goes,
 * the oldest first; only where there is none, the one that was given none for the longest time. So the API server,
 * which keeps its connections, is served however many connections others hold open.
 */
export class Connections {
  readonly #max: number;
  /** By address and port of the client, in the order in which they were opened or last answered. */
  readonly #unanswered = new Map<string, Socket>();
  readonly #answered = new Map<string, Socket>();
  readonly #sockets = new Set<Socket>();
  #dropped = 0;

  constructor(server: Server, max: number) {
    this.#max = max;
    server.on('connection', (socket: Socket) => this.#add(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      response.once('finish', () => {
        if (response.statusCode === OK) this.#answer(keyOf(request.socket));
      });
    });
  }

  /** From the first byte on, those that never finish a handshake included. */
  get sockets(): ReadonlySet<Socket> {
    return this.#sockets;
  }

  /** How many had to make room for others. */
  get dropped(): number {
    return this.#dropped;
  }

  #add(socket: Socket): void {
    if (this.#sockets.size >= this.#max) this.#drop();
    const key = keyOf(socket);
    this.#sockets.add(socket);
    this.#unanswered.set(key, socket);
    socket.once('close', () => this.#remove(key, socket));
  }

  #answer(key: string): void {
    const socket = this.#unanswered.get(key) ?? this.#answered.get(key);
    if (!socket) return;
    this.#unanswered.delete(key);
    this.#answered.delete(key);
    this.#answered.set(key, socket);
  }

  #drop(): void {
    const oldest = this.#unanswered.entries().next().value ?? this.#answered.entries().next().value;
    if (!oldest) return;
    const [key, socket] = oldest;
    this.#dropped++;
    this.#remove(key, socket);
    socket.destroy();
  }

  #remove(key: string, socket: Socket): void {
    this.#sockets.delete(socket);
    for (const sockets of [this.#unanswered, this.#answered])
      if (sockets.get(key) === socket) sockets.delete(key);
  }
}

/** A TLS socket and the one below it have these in common. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
