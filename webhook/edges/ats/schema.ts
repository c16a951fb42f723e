import { z } from 'zod';
import { hostOf } from '../../core/host.ts';
import { described } from '../described.ts';
import { text } from '../formats.ts';
import type { AtsSettings } from './settings.ts';

/** `spec.edges.ats`: what the CDN's configuration needs. */
export const atsSettings = z.strictObject({
  folder: described(
    text('plainPath').default('/etc/trafficserver/lua'),
    'Folder of the Lua scripts.',
    '/etc/trafficserver/lua',
  ),
  plugin: described(
    text('plainPath').default('/usr/lib/trafficserver/modules/tslua.so'),
    'The plugin that runs them.',
    '/usr/lib/trafficserver/modules/tslua.so',
  ),
  clientHeader: described(
    text('headerName').optional(),
    'Header that names the client, so that a share always takes the same clients. Default: the address of the connection.',
    'X-Client-IP',
  ),
  aliases: described(
    z.record(text('dnsName'), text('dnsName')).default({}),
    'Other names of hosts, for example mobile ones, that the CDN replaces only after its rules. An alias of a host that is not diverted has no effect.',
    { 'test.m.wikipedia.org': 'test.wikipedia.org' },
  ),
  before: described(
    z.array(text('fileName')).default([]),
    "Scripts in today's rules that choose an origin. The script of the diversion runs before the first of them.",
    ['multi-dc.lua'],
  ),
  rules: described(
    z.array(text('remapRule')).default([]),
    "Today's lines of `remap.config`, used when no file is given with `--in`.",
    ['map / https://app.example.org:443'],
  ),
});

/** Turns checked settings into the domain's own. */
export function toAtsSettings(document: z.output<typeof atsSettings>): AtsSettings {
  const { aliases, clientHeader, ...rest } = document;
  return {
    ...rest,
    aliases: Object.entries(aliases).flatMap(([alias, stands]) => {
      const [name, host] = [hostOf(alias), hostOf(stands)];
      return name && host ? [{ name, host }] : [];
    }),
    ...(clientHeader === undefined ? {} : { clientHeader }),
  };
}
