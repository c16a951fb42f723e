import { capitalise, malformed, spellings, strangers } from './names.ts';

/**
 * One way to name a host in a request. `effective` is the authority that counts by RFC 9110 and 9113, as sent; it is
 * undefined where the request is malformed or contradicts itself, and then nothing may be diverted by it.
 */
export interface HostForm {
  readonly name: string;
  readonly protocol: 'http/1.0' | 'http/1.1' | 'http/2';
  /** The authority of the absolute-form, or `:authority`. */
  readonly authority?: string;
  /** Values of the Host headers in their order, byte for byte. */
  readonly hosts: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly effective: string | undefined;
  /** The name in the client hello, where there is one; empty: the hello names nobody. The door's own unless given. */
  readonly sni?: string;
  /** A proxy may refuse the form instead of going by what counts. */
  readonly refusable?: true;
}

/** Every form for a diverted host, and for hosts that only look like it. */
export function hostForms(host: string): readonly HostForm[] {
  return [
    ...spellings(host).map((spelling) => plain('spelling', spelling)),
    ...strangers(host).map((stranger) => plain('stranger', stranger)),
    ...malformed(host).map((value) => ({ ...plain('malformed', value), effective: undefined })),
    ...absoluteForms(host),
    ...contradictions(host),
    ...borrowedHeaders(host),
    ...overHttp2(host),
  ];
}

/** A form that is nothing but one Host header. */
export function plain(kind: string, value: string): HostForm {
  return { name: `${kind} ${JSON.stringify(value)}`, protocol: 'http/1.1', hosts: [value], effective: value };
}

function absoluteForms(host: string): HostForm[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  const absolute = (authority: string, value: string): HostForm => ({
    name: `absolute-form ${authority} with Host ${value}`,
    protocol: 'http/1.1',
    authority,
    hosts: [value],
    // RFC 9112 3.2.2: the Host header is ignored then.
    effective: authority,
  });
  return [
    absolute(host, host),
    absolute(host.toUpperCase(), host),
    absolute(`${host}:443`, host),
    absolute(`${host}.`, host),
    absolute(host, other),
    absolute(other, host),
    absolute(other, other),
    absolute(`${host}.evil.example`, host),
  ];
}

/** Two answers to one question. */
function contradictions(host: string): HostForm[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  const several = (...hosts: string[]): HostForm => ({
    name: `Host headers ${hosts.map((value) => JSON.stringify(value)).join(' and ')}`,
    protocol: 'http/1.1',
    hosts,
    effective: undefined,
  });
  return [
    several(host, host),
    several(host, other),
    several(other, host),
    { ...several(host, ''), effective: host, refusable: true },
    { ...several('', host), effective: host, refusable: true },
    several(host, other, host),
    several(),
    several(`${other}\r\n ${host}`),
    several(`${host}\r\n ${other}`),
    { ...several(`\r\n ${host}`), effective: host, refusable: true },
    { ...several(), name: 'HTTP/1.0 without Host', protocol: 'http/1.0' },
    { ...plain('HTTP/1.0 with Host', host), protocol: 'http/1.0', refusable: true },
  ];
}

/** Headers that other programs believe, and this one must not. */
function borrowedHeaders(host: string): HostForm[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  const names = [
    'X-Forwarded-Host',
    'X-Host',
    'X-Original-Host',
    'X-Forwarded-Server',
    'X-Envoy-Original-Host',
    'X-HTTP-Host-Override',
  ];
  return [
    ...names.map((name) => ({ ...plain(`${name} ${host} beside`, other), headers: { [name]: host } })),
    ...names.map((name) => ({ ...plain(`${name} ${other} beside`, host), headers: { [name]: other } })),
    { ...plain('Forwarded beside', other), headers: { Forwarded: `host=${host}` } },
    {
      ...plain('Referer beside', other),
      headers: { Referer: `https://${host}/`, Origin: `https://${host}` },
    },
  ];
}

function overHttp2(host: string): HostForm[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  const both = (
    authority: string | undefined,
    value: string | undefined,
    effective: string | undefined,
  ): HostForm => ({
    name: `HTTP/2 :authority ${authority ?? 'absent'}, host ${value ?? 'absent'}`,
    protocol: 'http/2',
    ...(authority === undefined ? {} : { authority }),
    hosts: value === undefined ? [] : [value],
    effective,
  });
  const single = [
    host,
    host.toUpperCase(),
    capitalise(host),
    `${host}:443`,
    `${host}.`,
    `${host}.:443`,
    other,
    `${other}:443`,
    `${host}.evil.example`,
    `x${host}`,
    `www.${host}`,
  ];
  return [
    ...single.map((authority) => both(authority, undefined, authority)),
    both(host, host, host),
    both(undefined, host, host),
    both(undefined, other, other),
    // RFC 9113 8.3.1: they must agree; a proxy may refuse, or go by :authority.
    { ...both(host, other, host), refusable: true },
    { ...both(other, host, other), refusable: true },
  ];
}
