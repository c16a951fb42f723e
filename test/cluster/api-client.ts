import { Agent, request } from 'node:https';
import { text as readStream } from 'node:stream/consumers';
import type { JsonObject } from '../../webhook/core/json.ts';
import { ClusterError } from './cluster-error.ts';

const ANSWER_WITHIN_MS = 30_000;
const SOCKETS = 32;

/** Status 0 is no answer at all; the message then says why. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: JsonObject;
  /** What the API server says against it, or of it. */
  readonly message: string;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject | readonly JsonObject[];
  readonly contentType?: string;
}

/** Calls an API server thousands of times, where a process of kubectl for each would be too slow. */
export class ApiClient {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #token: string;

  constructor({ url, ca }: { readonly url: string; readonly ca: string }, token: string) {
    this.#url = url;
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: SOCKETS, ca });
  }

  async send({ method, path, body, contentType }: ApiCall): Promise<ApiAnswer> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(payload && {
        'content-type': contentType ?? 'application/json',
        'content-length': String(payload.length),
      }),
    };
    const options = { method, headers, agent: this.#agent, timeout: ANSWER_WITHIN_MS };
    return new Promise((resolve) => {
      const unreachable = ({ message }: Error) => resolve({ status: 0, body: {}, message });
      const sent = request(new URL(path, this.#url), options, (response) => {
        readStream(response).then((text) => {
          const answer = JSON.parse(text || '{}') as JsonObject;
          resolve({
            status: response.statusCode ?? 0,
            body: answer,
            message: String(answer['message'] ?? ''),
          });
        }, unreachable);
      });
      sent.once('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
      sent.once('error', unreachable);
      sent.end(payload);
    });
  }

  /** The object at a path; undefined when there is none. */
  async get(path: string): Promise<JsonObject | undefined> {
    const answer = await this.send({ method: 'GET', path });
    return answer.status === 404 ? undefined : expected(answer, path);
  }

  async create(path: string, body: JsonObject): Promise<JsonObject> {
    return expected(await this.send({ method: 'POST', path, body }), path);
  }

  /** A merge patch: what is null is taken away. */
  async patch(path: string, body: JsonObject): Promise<JsonObject> {
    const contentType = 'application/merge-patch+json';
    return expected(await this.send({ method: 'PATCH', path, body, contentType }), path);
  }

  async delete(path: string): Promise<void> {
    expected(await this.send({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } }), path);
  }

  close(): void {
    this.#agent.destroy();
  }
}

function expected({ status, message, body }: ApiAnswer, path: string): JsonObject {
  if (status >= 200 && status < 300) return body;
  throw new ClusterError(`${path} answered ${status}: ${message}`);
}
