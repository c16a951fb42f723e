import https from 'node:https';

const ANSWER_WITHIN_MS = 5_000;

/** How to reach an API server: `https://host:port`, trust as PEM, a bearer token. */
export interface ApiAddress {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

/** The HTTP status of a GET, or of a POST when there is a body to send as JSON, and what was answered as text. */
export function askApi(
  to: ApiAddress,
  path: string,
  body?: unknown,
  withinMs = ANSWER_WITHIN_MS,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const options = {
      method: content === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${to.token}`, 'content-type': 'application/json' },
      ca: to.ca,
      agent: false,
      timeout: withinMs,
    } as const;
    const request = https.request(new URL(path, to.url), options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${withinMs} ms`)));
    request.end(content);
  });
}
