import https from 'node:https';
import type { Json } from '../../webhook/core/json.ts';
import type { ApiAddress } from './ask-api.ts';

const ANSWER_WITHIN_MS = 15_000;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Of the body; JSON unless said otherwise. */
  readonly type?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** One request to an API server, and its answer. */
export function callApi(to: ApiAddress, { method, path, body, type }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      new URL(path, to.url),
      {
        method,
        ca: to.ca,
        agent: false,
        timeout: ANSWER_WITHIN_MS,
        headers: {
          authorization: `Bearer ${to.token}`,
          ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('error', reject);
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: read(text) });
        });
      },
    );
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What a watch answers is many objects, and stays text. */
function read(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** The `message` of a refusal; empty where there is none. */
export function messageOf({ body }: Answer): string {
  return body !== null && typeof body === 'object' && 'message' in body ? String(body['message']) : '';
}
