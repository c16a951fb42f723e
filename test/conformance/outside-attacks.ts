import { plain } from './forms.ts';
import type { ConformanceRequest } from './request.ts';
import { DEBUG_VALUES } from './rows.ts';

/*
 * Requests from outside that want the script behind a refused path, under a diverted host, by other ways than a
 * spelling of the path. Each is what is written on a connection, one character for a byte.
 */

/** Bytes above 0x7f, which regular expressions over UTF-8 do not take for characters. */
const RAW = ['\xff', '\x80', '\xa0', '\x85', '\xc0\xaf', '\xc3\xa9', '\xe2\x80', '\xf0\x9f'];
const BEHIND = RAW.flatMap((raw) => [
  raw,
  `/${raw}`,
  `/x${raw}/y`,
  `?${raw}`,
  `;${raw}`,
  `%00${raw}`,
  `${raw}?x`,
]);

/** Paths with raw bytes before, in and behind the script's. */
export function rawSpellings(script: string): string[] {
  const [, folder = '', name = ''] = script.split('/');
  return [
    ...BEHIND.map((tail) => `${script}${tail}`),
    ...RAW.flatMap((raw) => [
      `/${raw}/..${script}`,
      `/${folder}/${raw}/../${name}`,
      `/${raw}%2f..${script}`,
      `/${folder}/${raw}${name}`,
      `/${folder};${raw}/${name}`,
      `/.${raw}/..${script}`,
    ]),
  ];
}

/** One request that asks for nothing but a path. */
export function asking(host: string, path: string, ...headers: readonly string[]): string {
  return request(`GET ${path} HTTP/1.1`, [`Host: ${host}`, ...headers]);
}

function request(first: string, headers: readonly string[], body = ''): string {
  return `${[first, ...headers, 'Connection: close', '', ''].join('\r\n')}${body}`;
}

/** Every attack on one connection of HTTP/1. */
export function outsideAttacks(host: string, script: string, debugHeader: string): string[] {
  return [
    ...methods(host, script),
    ...targets(host, script),
    ...hosts(host, script),
    ...elsewhere(host, script),
    ...DEBUG_VALUES.map((value) => asking(host, script, `${debugHeader}: ${value}`)),
    ...DEBUG_VALUES.map((value) => asking(host, `${script}/\xff`, `${debugHeader}: ${value}`)),
    ...smuggled(host, script),
  ];
}

function methods(host: string, script: string): string[] {
  const names = [
    'POST',
    'PUT',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'PATCH',
    'DELETE',
    'PROPFIND',
    'get',
    'GET\t',
    'X',
    'PURGE',
  ];
  const body = ['Content-Type: application/json', 'Content-Length: 2'];
  return [
    ...names.map((name) => request(`${name} ${script} HTTP/1.1`, [`Host: ${host}`, ...body], '{}')),
    ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) =>
      request(`GET ${script} HTTP/1.1`, [`Host: ${host}`, `${name}: POST`]),
    ),
    request(`CONNECT ${host}:443 HTTP/1.1`, [`Host: ${host}`]) + asking(host, script),
  ];
}

function targets(host: string, script: string): string[] {
  const absolute = [
    ...['http', 'https', 'HTTPS', 'ftp', 'x'].map((scheme) => `${scheme}://${host}${script}`),
    `https://${host}:443${script}`,
    `https://${host.toUpperCase()}.${script}`,
    `https://u@${host}${script}`,
    `https://${host}?${script}`,
    `https://${host}/..${script}`,
    `https://evil.example${script}`,
    `//${host}${script}`,
    `https:/${host}${script}`,
    `https:${script}`,
  ];
  const relative = [
    script.slice(1),
    `*${script}`,
    `?${script}`,
    `#${script}`,
    `.${script}`,
    `\\${script.slice(1)}`,
  ];
  const versions = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', ''];
  return [
    ...[...absolute, ...relative].map((target) => asking(host, target)),
    ...[
      `${script} x`,
      `${script}\tx`,
      ` ${script}`,
      `\t${script}`,
      `${script}\x0b`,
      `${script}\x00`,
      `${script}\x7f`,
    ].map((target) => asking(host, target)),
    ...versions.map((version) => request(`GET ${script} ${version}`.trimEnd(), [`Host: ${host}`])),
    `\r\n\r\n${asking(host, script)}`,
    asking(host, script).replaceAll('\r\n', '\n'),
    asking(host, script).replace('\r\n', '\r'),
  ];
}

function hosts(host: string, script: string): string[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  const lists = [
    [],
    [`Host: ${host}:443`],
    [`Host: ${host}.`],
    [`Host: ${host}.:443`],
    [`Host: ${host}:`],
    [`Host: ${host.toUpperCase()}`],
    [`Host:${host}`],
    [`Host:\t${host} `],
    [`Host : ${host}`],
    [`Host: ${host}`, `Host: ${host}`],
    [`Host: ${other}`, `Host: ${host}`],
    [`Host: ${host}`, `Host: ${other}`],
    [`Host: ${host}\x00`],
    [`Host: ${host}\xff`],
    [`Host: ${host},${other}`],
    [`Host: ${other}`, `X-Forwarded-Host: ${host}`],
    [`Host: ${host}`, `X-Forwarded-Host: ${other}`],
  ];
  return ['HTTP/1.1', 'HTTP/1.0'].flatMap((version) =>
    lists.map((list) => request(`GET ${script} ${version}`, list)),
  );
}

/** Headers by which some servers take a request to be for another path. */
function elsewhere(host: string, script: string): string[] {
  const names = [
    ...['X-Original-URL', 'X-Rewrite-URL', 'X-Original-URI', 'X-Envoy-Original-Path', 'X-Forwarded-Path'],
    ...[
      'X-Forwarded-Uri',
      'X-Forwarded-Prefix',
      'X-Accel-Redirect',
      'X-Override-URL',
      ':path',
      'Destination',
    ],
  ];
  return names.flatMap((name) => ['/', '/wiki/X'].map((page) => asking(host, page, `${name}: ${script}`)));
}

/** A second request that hides in the body of the first, from one of two servers that read lengths otherwise. */
function smuggled(host: string, script: string): string[] {
  const hidden = asking(host, script);
  const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  const chunkedBy = [
    'Transfer-Encoding: chunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: identity, chunked',
    'Transfer-Encoding:\tchunked',
    'Transfer-Encoding:\x0bchunked',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
    'X: x\nTransfer-Encoding: chunked',
    'Transfer-Encoding:\r\n chunked',
    'Transfer_Encoding: chunked',
  ];
  const first = (headers: readonly string[], body: string): string =>
    `${['POST / HTTP/1.1', `Host: ${host}`, ...headers, '', ''].join('\r\n')}${body}`;
  const endOfBody = `0\r\n\r\n${hidden}`;
  return [
    ...chunkedBy.flatMap((line) => [
      first([`Content-Length: ${endOfBody.length}`, line], endOfBody),
      first(['Content-Length: 3', line], chunk),
      first([line, 'Content-Length: 0'], endOfBody),
    ]),
    first(['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden),
    first([`Content-Length: 0, ${hidden.length}`], hidden),
    first(['Content-Length: +0'], hidden),
    first(['Content-Length : 0'], hidden),
    first(['Content-Length: 0x0'], hidden),
    first(['Transfer-Encoding: chunked'], `0;${'\n'}\r\n\r\n${hidden}`),
    first(['Transfer-Encoding: chunked'], `0\n\n${hidden}`),
    first(['Transfer-Encoding: chunked'], `0\r\nX: y\r\n\r\n${hidden}`),
    first(['Transfer-Encoding: chunked'], `00000000000000000\r\n\r\n${hidden}`),
    first(['Transfer-Encoding: chunked'], `-1\r\n\r\n${hidden}`),
    first(
      ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'],
      hidden,
    ),
    first(
      ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
      hidden,
    ),
    first(['Expect: 100-continue', 'Content-Length: 0'], hidden),
  ];
}

/** The same over HTTP/2, where the path is a field of its own. */
export function overHttp2(host: string, script: string, spellings: readonly string[]): ConformanceRequest[] {
  const paths = [
    ...spellings,
    script.slice(1),
    `*${script}`,
    `https://${host}${script}`,
    `//${host}${script}`,
    `${script} HTTP/1.1`,
  ];
  const form = { ...plain('over HTTP/2', host), protocol: 'http/2' as const, authority: host, hosts: [] };
  return paths.map((path) => ({ form, method: 'GET', path }));
}
