import { readdirSync } from 'node:fs';
import { plan as makePlan } from '../../../webhook/core/plan.ts';
import { atsFiles, REMAP_FILE } from '../../../webhook/edges/ats/files.ts';
import type { Plan } from '../../../webhook/edges/plan.ts';
import { parseDiversion } from '../../../webhook/spec/parse.ts';
import { fixturePath, fixtureText } from '../../fixtures/read.ts';
import { findTrafficServer } from '../../stage/traffic-server-tool.ts';
import { type AtsInput, type AtsOutput, runAts, type Step, type WireRequest } from './ats-run.ts';

/** Where Debian has the plugins, which the stage has elsewhere. */
const PLUGINS = '/usr/lib/trafficserver/modules/';

export const TODAY = fixtureText('ats/remap.config');

/** As the CDN sets them, save that certificates of production, where Host need not be a name, only warn. */
export const RECORDS = [
  'proxy.config.url_remap.pristine_host_hdr INT 1',
  'proxy.config.url_remap.remap_required INT 1',
  'proxy.config.http.cache.http INT 1',
  'proxy.config.ssl.client.verify.server.policy STRING PERMISSIVE',
  'proxy.config.ssl.client.CA.cert.filename STRING /etc/ssl/certs/ca-certificates.crt',
  'proxy.config.http.server_session_sharing.match STRING both',
  'proxy.config.http.server_session_sharing.pool STRING thread',
];

/** The settings of the CDN with these in place of its own, or besides them; without `proxy.config.` or `proxy.config.http.`. */
export function withRecords(changes: Readonly<Record<string, string>>): string[] {
  const kept = RECORDS.filter((record) => !Object.keys(changes).some((name) => record.includes(name)));
  return [
    ...kept,
    ...Object.entries(changes).map(([name, value]) =>
      name.startsWith('exec_thread.') || name.startsWith('hostdb.')
        ? `proxy.config.${name} ${value}`
        : `proxy.config.http.${name} ${value}`,
    ),
  ];
}

export interface Setup {
  /** Text of the diversion. */
  readonly diversion: string;
  /** Text of the diversion that Traffic Server follows, where it is another. */
  readonly followed?: string;
  /** The remap.config of today. */
  readonly remap?: string;
  /** Leave the rules as they are. */
  readonly untouched?: true;
  readonly records?: readonly string[];
  /** Files besides, by the names that they have below /etc/trafficserver. */
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Host to wait for at the start, where production does not answer. */
  readonly probeHost?: string;
  readonly apache?: AtsInput['apache'];
}

export function planOf(diversion: string): Plan {
  const parsed = parseDiversion(diversion);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.value);
}

/** Runs Traffic Server with today's rules and scripts, with the diversion in them or without. */
export function runSetup(setup: Setup): Promise<AtsOutput> {
  const { diversion, remap = TODAY, records = RECORDS, steps } = setup;
  const own = setup.untouched
    ? { [REMAP_FILE]: staged(remap) }
    : renderedFiles(setup.followed ?? diversion, remap);
  const probe = setup.probeHost === undefined ? {} : { probeHost: setup.probeHost };
  return runAts({
    diversion,
    files: { ...scriptsOfToday(), ...own, ...setup.files },
    records,
    steps,
    ...probe,
    ...(setup.apache === undefined ? {} : { apache: setup.apache }),
  });
}

/** What `render ats` gives, by the names that it has below /etc/trafficserver. */
export function renderedFiles(diversion: string, remap = TODAY): Record<string, string> {
  const rendered = atsFiles(planOf(diversion), remap);
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.problems));
  const { [REMAP_FILE]: rules = '', ...scripts } = rendered.value.files;
  return {
    [REMAP_FILE]: staged(rules),
    ...Object.fromEntries(Object.entries(scripts).map(([name, text]) => [`lua/${name}`, text])),
  };
}

/** The rules, with the plugins where the stage has them. */
export function staged(rules: string): string {
  return rules.replaceAll(PLUGINS, `${findTrafficServer().modules}/`);
}

/** The scripts that the rules of today name, by the names that they have below /etc/trafficserver. */
export function scriptsOfToday(): Record<string, string> {
  const scripts = readdirSync(fixturePath('ats/lua'));
  return Object.fromEntries(scripts.map((name) => [`lua/${name}`, fixtureText(`ats/lua/${name}`)]));
}

export function get(host: string, target = '/wiki/X', ...headers: readonly string[]): WireRequest {
  return { target, headers: [`Host: ${host}`, ...headers] };
}

export const send = (...requests: readonly WireRequest[]): Step => ({ kind: 'send', requests });

export const setShare = (percent: number | string): Step[] => [
  { kind: 'write', file: 'lua/shunt-testwiki.share', content: `${percent}\n` },
  // The share is read once a second.
  { kind: 'wait', ms: 1100 },
];
