import type { Host } from '../../webhook/core/host.ts';
import type { PlannedUpstream } from '../../webhook/core/plan.ts';

/** A call that the demonstration makes, and where it must end. */
export interface Case {
  readonly title: string;
  readonly domain: string;
  readonly to: 'target' | 'production' | 'refused';
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly padBytes?: number;
  /** What the caller is answered, when it is not 200. */
  readonly status?: number;
}

const MEGABYTE = 1_000_000;
const UNAVAILABLE = 503;

/** The calls for one upstream: the diverted host in every spelling that means it, and in many that do not. */
export function casesFor(upstream: PlannedUpstream, host: Host, port: number): Case[] {
  const { allow } = upstream.target;
  return [
    ...spellings(host, port),
    ...others(host),
    ...(allow ? restricted(host, upstream) : unrestricted(host)),
  ];
}

function spellings(host: Host, port: number): Case[] {
  const shouted = host.replace(/^[^.]+/, (label) => label.toUpperCase());
  return [host, shouted, host.toUpperCase(), `${host}:${port}`, `${host}.`, `${shouted}.:${port}`].map(
    (domain) => ({
      title: `Host ${domain}`,
      domain,
      to: 'target',
    }),
  );
}

function others(host: Host): Case[] {
  const [label = '', ...rest] = host.split('.');
  const parent = rest.join('.');
  const near = [
    `x${host}`,
    `${label}2.${parent}`,
    `${host}.evil.example`,
    `${host}..`,
    `${label}x${parent}`,
    `${label}-${host}`,
  ];
  const elsewhere = [`en.${parent}`, `commons.${parent}:${443}`, parent, 'www.wikidata.org'];
  return [
    ...[...near, ...elsewhere].map((domain): Case => ({ title: `Host ${domain}`, domain, to: 'production' })),
    {
      title: `Host en.${parent}, X-Forwarded-Host ${host}`,
      domain: `en.${parent}`,
      headers: { 'x-forwarded-host': host },
      to: 'production',
    },
    { title: 'an empty Host', domain: '', to: 'production' },
    { title: `a body of 1 MB, Host ${host}`, domain: host, padBytes: MEGABYTE, to: 'target' },
    {
      title: `a body of 1 MB, Host en.${parent}`,
      domain: `en.${parent}`,
      padBytes: MEGABYTE,
      to: 'production',
    },
  ];
}

/** A target with an allow-list takes what is on it and nothing else; production takes what it always took. */
function restricted(host: Host, { target }: PlannedUpstream): Case[] {
  const allowed = target.allow ?? [];
  const other = `en.${host.split('.').slice(1).join('.')}`;
  return [
    ...allowed.map(
      ({ method, path }): Case => ({
        title: `${method} ${path}, Host ${host}`,
        domain: host,
        method,
        path,
        to: 'target',
      }),
    ),
    ...allowed.map(
      ({ method, path }): Case => ({
        title: `${method} ${path}?a=b, Host ${host}`,
        domain: host,
        method,
        path: `${path}?a=b`,
        to: 'target',
      }),
    ),
    {
      title: `POST /w/index.php, Host ${host}`,
      domain: host,
      method: 'POST',
      path: '/w/index.php',
      to: 'refused',
    },
    { title: `DELETE ${allowed[0]?.path}, Host ${host}`, domain: host, method: 'DELETE', to: 'refused' },
    {
      title: `POST ${allowed[0]?.path}/x, Host ${host}`,
      domain: host,
      method: 'POST',
      path: `${allowed[0]?.path}/x`,
      to: 'refused',
    },
    ...[host, other].map(
      (domain): Case => ({
        title: `a job that fails is run once, Host ${domain}`,
        domain,
        headers: { 'x-stage-status': String(UNAVAILABLE) },
        status: UNAVAILABLE,
        to: domain === host ? 'target' : 'production',
      }),
    ),
    {
      title: `POST /w/index.php, Host ${other}`,
      domain: other,
      method: 'POST',
      path: '/w/index.php',
      to: 'production',
    },
  ];
}

function unrestricted(host: Host): Case[] {
  const path = '/w/rest.php/v1/page/%C3%89?x=1&y=%2F';
  return [
    { title: `GET ${path}, Host ${host}`, domain: host, method: 'GET', path, to: 'target' },
    {
      title: `DELETE /any/path, Host ${host}`,
      domain: host,
      method: 'DELETE',
      path: '/any/path',
      to: 'target',
    },
  ];
}
