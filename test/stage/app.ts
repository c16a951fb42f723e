import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

/*
 * Stands in for changeprop: reads the same configuration in the same place, expands the templates of its rules with
 * hyperswitch, and sends what comes out with preq, which is how changeprop reaches every service.
 */

const require = createRequire(import.meta.url);
const { Template } = require('hyperswitch') as {
  Template: new (spec: unknown) => { expand: (context: unknown) => PreqRequest };
};
const preq = require('preq') as (request: PreqRequest) => Promise<PreqResponse>;

interface PreqRequest {
  method?: string;
  uri: string;
  headers?: Record<string, string>;
  body?: unknown;
  retries?: number;
  timeout?: number;
}

interface PreqResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** One call of the app: the rule whose address starts with `origin`, for an event of that domain. */
export interface AppCall {
  readonly id: number;
  readonly origin: string;
  readonly domain: string;
  readonly method?: string;
  /** Another path than the rule's. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the app waits, in milliseconds; 30 s unless told. */
  readonly longestMs?: number;
  /** Size of the event, beyond what every event holds. */
  readonly padBytes?: number;
}

export interface AppAnswer {
  readonly id: number;
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 and length of the body as preq was given it, when it is JSON. */
  readonly sent: string | undefined;
}

const LONGEST_MS = 30_000;
const given = process.argv.slice(2);
const flag = given.indexOf('-c');
const text = flag < 0 ? '' : await readFile(given[flag + 1] ?? '', 'utf8');
const rules = collectRules(parse(text, { merge: true }));

process.on('message', (call: AppCall) => {
  void perform(call).then((answer) => process.send?.(answer));
});
process.send?.({ ready: true, rules: rules.map(({ uri }) => uri) });

async function perform(call: AppCall): Promise<AppAnswer> {
  const rule = rules.find(({ uri }) => uri.startsWith(call.origin)) ?? { uri: `${call.origin}/w/api.php` };
  const message = {
    $schema: '/mediawiki/job/1.0.0',
    meta: {
      domain: call.domain,
      request_id: `call-${call.id}`,
      stream: 'mediawiki.job.cdnPurge',
      dt: '2026-01-01T00:00:00Z',
    },
    database: 'testwiki',
    type: 'cdnPurge',
    params: { pad: 'x'.repeat(call.padBytes ?? 0) },
  };
  const request = new Template({ headers: { host: '{{message.meta.domain}}' }, ...rule }).expand({
    message,
    globals: { message },
  });
  request.method = call.method ?? request.method ?? 'post';
  // preq writes an object as a form for POST alone.
  if (request.method.toLowerCase() !== 'post') delete request.body;
  request.headers = { ...request.headers, ...call.headers };
  request.retries = 0;
  request.timeout = call.longestMs ?? LONGEST_MS;
  // As hyperswitch's own filter does before it hands a request to preq.
  request.uri = call.path === undefined ? String(request.uri) : call.origin + call.path;
  const sent = JSON.stringify(request.body);
  const response = await preq(request).catch((error: PreqResponse) => error);
  return { id: call.id, status: response.status, body: response.body, headers: response.headers ?? {}, sent };
}

/** Everything in the configuration that calls a URI over HTTP. */
function collectRules(node: unknown): { uri: string }[] {
  if (Array.isArray(node)) return node.flatMap(collectRules);
  if (node === null || typeof node !== 'object') return [];
  const { uri } = node as { uri?: unknown };
  const own = typeof uri === 'string' && /^https?:/.test(uri) ? [node as { uri: string }] : [];
  return [...own, ...Object.values(node).flatMap(collectRules)];
}
