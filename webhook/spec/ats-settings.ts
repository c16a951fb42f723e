import { z } from 'zod';
import type { AtsSettings } from '../core/ats-settings.ts';
import { hostOf } from '../core/host.ts';
import { text } from './formats.ts';

/** `spec.edges.ats`: what the CDN's configuration needs. */
export const atsSettings = z.strictObject({
  folder: text('plainPath').default('/etc/trafficserver/lua'),
  plugin: text('plainPath').default('/usr/lib/trafficserver/modules/tslua.so'),
  clientHeader: text('headerName').optional(),
  aliases: z.record(text('dnsName'), text('dnsName')).default({}),
  before: z.array(text('fileName')).default([]),
  rules: z.array(text('remapRule')).default([]),
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
