import { quotePattern } from '../core/pattern.ts';
import type { Listener, PlannedUpstream } from '../core/plan.ts';

/** Text in which calls to upstreams are routed to the sidecar. */
export interface Replaced {
  readonly text: string;
  readonly count: number;
}

const HTTPS_PORT = 443;

/**
 * Routes every origin of the listeners' upstreams (`https://address:port`) to the listener on loopback; every other
 * character is kept. Scheme and host match without regard to case, slashes may be escaped as in JSON.
 */
export function replaceOrigins(text: string, listeners: readonly Listener[]): Replaced {
  let count = 0;
  const result = listeners.reduce((current, listener) => {
    const replacement = (_origin: string, slashes: string): string => {
      count++;
      return `http:${slashes}127.0.0.1:${listener.port}`;
    };
    return current.replace(originPattern(listener), replacement);
  }, text);
  return { text: result, count };
}

/** Whether a value is an address that `replaceOrigins` routes to a listener, with whatever path behind it. */
export function startsWithOrigin(value: string, listeners: readonly Listener[]): boolean {
  return listeners.some((listener) => value.trimStart().search(originPattern(listener)) === 0);
}

/** The origins that `replaceOrigins` looks for, for messages. */
export function originsOf(listeners: readonly Listener[]): string[] {
  return listeners.flatMap(({ upstream }) => originsOfUpstream(upstream));
}

/** An upstream's addresses in the form that captures take. */
export function originsOfUpstream({
  addresses,
  port,
}: Pick<PlannedUpstream, 'addresses' | 'port'>): string[] {
  return addresses.map((address) => `https://${inUrl(address)}:${port}`.toLowerCase());
}

/** A place that names an upstream in a form that no capture rewrites, so its calls may bypass the sidecar. */
export interface Leftover {
  readonly line: number;
  readonly address: string;
}

/** Where the addresses of the upstreams are still named, after the origins were replaced. */
export function findLeftovers(text: string, listeners: readonly Listener[]): Leftover[] {
  const addresses = listeners.flatMap(({ upstream }) => upstream.addresses);
  return text
    .split('\n')
    .flatMap((content, index) =>
      addresses
        .filter((address) => namePattern(address).test(content))
        .map((address) => ({ line: index + 1, address })),
    );
}

/** Finds the addresses of these upstreams in the form that captures take; made once for many values. */
export function originFinder(upstreams: readonly PlannedUpstream[]): RegExp {
  return new RegExp(
    upstreams.map((upstream) => originPattern({ upstream }).source).join('|') || '(?!)',
    'gi',
  );
}

/** The first address of an upstream in the text, as it stands there. */
export function findOrigin(text: string, finder: RegExp): string | undefined {
  const at = text.search(finder);
  return at < 0 ? undefined : text.slice(at).match(finder)?.[0];
}

function originPattern({ upstream }: Pick<Listener, 'upstream'>): RegExp {
  const addresses = upstream.addresses.map((address) => quotePattern(inUrl(address))).join('|');
  const port =
    upstream.port === HTTPS_PORT ? `(?::${HTTPS_PORT})?(?![:0-9A-Za-z.-])` : `:${upstream.port}(?![0-9])`;
  return new RegExp(`(?<![A-Za-z0-9+.-])https:(//|\\\\/\\\\/)(?:${addresses})\\.?${port}`, 'gi');
}

/** As it is written in a URL: an IPv6 address in brackets. */
function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function namePattern(address: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9.-])${quotePattern(address)}(?![A-Za-z0-9-]|\\.[A-Za-z0-9])`, 'i');
}
