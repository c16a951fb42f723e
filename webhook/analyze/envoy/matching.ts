import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { field, listField, objectField } from '../../edges/envoy/fields.ts';
import { matchesFully } from '../pattern.ts';
import type { EnvoyTable } from './model.ts';

/** A request as the routes of an Envoy see it; names of headers in lower case. */
export interface EnvoyRequest {
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The header matchers of a route, and of those the ones that look at the authority. */
export function headerMatchers(match: JsonObject): readonly JsonObject[] {
  return listField(match, 'headers').filter(isObject);
}

export function isAuthorityMatcher(matcher: Json): boolean {
  return [':authority', 'host'].includes(String(field(matcher, 'name')).toLowerCase());
}

/** Whether a header matcher takes a request; what cannot be tried is taken to match. */
export function headerMatches(matcher: JsonObject, request: EnvoyRequest): boolean {
  const name = String(field(matcher, 'name')).toLowerCase();
  const value = headerValue(name, request);
  const inverted = field(matcher, 'invert_match') === true;
  if (value === undefined) return inverted || field(matcher, 'present_match') === false;
  const wanted = objectField(matcher, 'string_match');
  const present = field(matcher, 'present_match');
  const found = wanted ? stringMatches(wanted, value) : present !== false;
  return found !== inverted;
}

function headerValue(name: string, { method, authority, path, headers }: EnvoyRequest): string | undefined {
  const pseudo: Record<string, string> = {
    ':authority': authority,
    host: authority,
    ':method': method,
    ':path': path,
  };
  return pseudo[name] ?? headers?.[name];
}

/** Envoy's StringMatcher. */
function stringMatches(matcher: JsonObject, text: string): boolean {
  const fold = field(matcher, 'ignore_case') === true;
  const given = fold ? text.toLowerCase() : text;
  const say = (name: string): string | undefined => {
    const value = field(matcher, name);
    return typeof value === 'string' ? (fold ? value.toLowerCase() : value) : undefined;
  };
  const regex = field(objectField(matcher, 'safe_regex'), 'regex');
  if (typeof regex === 'string') return matchesFully(regex, text) ?? true;
  const [exact, prefix, suffix, contains] = [say('exact'), say('prefix'), say('suffix'), say('contains')];
  if (exact !== undefined) return given === exact;
  if (prefix !== undefined) return given.startsWith(prefix);
  if (suffix !== undefined) return given.endsWith(suffix);
  return contains === undefined || given.includes(contains);
}

/** Whether a virtual host answers to an authority, as far as this one alone decides. */
export function domainMatches({ domains, routeConfig }: EnvoyTable, authority: string): boolean {
  const portless = routeConfig['ignore_port_in_host_matching'] === true;
  const host = (portless ? authority.replace(/:\d+$/, '') : authority).toLowerCase();
  return domains.some((domain) => {
    const own = domain.toLowerCase();
    if (own === '*') return true;
    if (own.startsWith('*')) return host.endsWith(own.slice(1)) && host.length >= own.length;
    if (own.endsWith('*')) return host.startsWith(own.slice(0, -1)) && host.length >= own.length;
    return own === host;
  });
}
