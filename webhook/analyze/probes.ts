import type { Host } from '../core/host.ts';
import type { CheckCode } from './catalogue/catalogue.ts';

/** One way to write the same host, and the code of what forgets it. */
export interface Spelling {
  readonly code: CheckCode;
  readonly what: string;
  readonly write: (host: Host) => string;
}

/** The spellings that mean the same host. */
export const SPELLINGS: readonly Spelling[] = [
  { code: 'host-missed', what: 'the plain name', write: (host) => host },
  { code: 'host-misses-case', what: 'upper case', write: (host) => host.toUpperCase() },
  { code: 'host-misses-port', what: 'a port', write: (host) => `${host}:6506` },
  { code: 'host-misses-port', what: 'the port 80', write: (host) => `${host}:80` },
  { code: 'host-misses-dot', what: 'a trailing dot', write: (host) => `${host}.` },
];

/** Hosts that a loose match would take for one of these, and that are none of them. */
export function strangersTo(hosts: readonly Host[]): string[] {
  const others = hosts.flatMap((host) => {
    const [first = '', ...rest] = host.split('.');
    const domain = rest.join('.');
    return [
      `en.${domain}`,
      domain,
      `x${host}`,
      `${host}x`,
      `www.${host}`,
      `${host}.evil.example`,
      `${first}.m.${domain}`,
      host.replace('.', 'x'),
      host.replaceAll('.', '-'),
      'evil.example',
    ];
  });
  const own: readonly string[] = hosts;
  return [...new Set(others)].filter((other) => !own.includes(other));
}

/** Values of a debug header that ask for this backend. */
export function asksFor(backend: string): string[] {
  return [
    backend,
    backend.toUpperCase(),
    `backend=${backend}`,
    `backend=${backend}; log`,
    `log; backend=${backend}`,
    `profile; backend=${backend}; log`,
  ];
}

/** Values of a debug header that ask for none of these. */
export function asksForOthers(backends: readonly string[]): string[] {
  return ['k8s-none', 'backend=k8s-none', 'log', ...backends.map((name) => `backend=${name}-none`)].filter(
    (value) => !backends.includes(value.replace('backend=', '')),
  );
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** Requests for a refused path, or that a careless match would let through. */
export function requestsFor(refused: readonly string[]): Asked[] {
  return refused.flatMap((path) =>
    spellingsOfPath(path).flatMap((spelt) => ['GET', 'POST'].map((method) => ({ method, path: spelt }))),
  );
}

/** Requests that are near an allowed one, and not allowed. */
export function requestsBeside({ method, path }: Asked): Asked[] {
  return [
    { method: method === 'GET' ? 'POST' : 'GET', path },
    { method, path: `${path}/more` },
    { method, path: '/w/index.php' },
  ];
}

/** Spellings of a path that a web server takes for that script. */
function spellingsOfPath(path: string): string[] {
  const encoded = path.replace(/[a-z]/i, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return [
    path,
    `${path}?x=1`,
    `/${path}`,
    `${path}/more`,
    encoded,
    path.replace('/', '/./').replace('/./', '//'),
  ];
}
