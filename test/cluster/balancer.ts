import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

const LOOK_EVERY_MS = 200;
const ANSWER_WITHIN_MS = 500;

/** Where a replica listens on loopback. */
export interface Endpoint {
  readonly reviewPort: number;
  readonly healthPort: number;
}

/**
 * Stands in for a Service without nodes: each new connection goes to one of the endpoints that were ready at the last
 * look, in turn. As with kube-proxy, connections that are open stay with their replica, and one that ended in between
 * is found out by who connects.
 */
export class Balancer {
  readonly endpoints = new Set<Endpoint>();
  readonly #server: Server;
  readonly #ready = new Set<Endpoint>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (client) => this.#pass(client));
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  static start(port = 0): Promise<Balancer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve(new Balancer(server)));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get readyCount(): number {
    return this.#ready.size;
  }

  /** Asks every endpoint whether it is ready. Like kubelet, it does not give up one that is only slow to answer. */
  async look(): Promise<void> {
    for (const endpoint of this.#ready) if (!this.endpoints.has(endpoint)) this.#ready.delete(endpoint);
    await Promise.all(
      [...this.endpoints].map(async (endpoint) => {
        const state = await stateOf(endpoint);
        if (state === 'ready') this.#ready.add(endpoint);
        else if (state === 'not ready') this.#ready.delete(endpoint);
      }),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#server.close();
  }

  #pass(client: Socket): void {
    const ready = [...this.#ready];
    this.#turn += 1;
    const endpoint = ready[this.#turn % Math.max(1, ready.length)];
    if (!endpoint) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(endpoint.reviewPort, '127.0.0.1');
    for (const socket of [client, server]) socket.setNoDelay(true);
    client.on('error', () => server.destroy());
    server.on('error', () => client.resetAndDestroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    client.pipe(server).pipe(client);
  }
}

function stateOf({ healthPort }: Endpoint): Promise<'ready' | 'not ready' | 'late'> {
  return new Promise((resolve) => {
    const request = http.get(
      { port: healthPort, host: '127.0.0.1', path: '/readyz', agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200 ? 'ready' : 'not ready');
      },
    );
    request.setTimeout(ANSWER_WITHIN_MS, () => {
      resolve('late');
      request.destroy();
    });
    request.on('error', () => resolve('not ready'));
  });
}
