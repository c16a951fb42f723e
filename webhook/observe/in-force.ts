import type { ProxyReport } from './proxy-report.ts';

/** What the proxies of a workload are to run. */
export interface Written {
  readonly revision: string;
  /** In percent. */
  readonly share: number;
  readonly files: readonly WrittenFile[];
}

/** A file of the configuration, its version, and the proxy's subscription that reads it. */
export interface WrittenFile {
  readonly file: string;
  readonly version: string;
  readonly subscription: string;
}

export const IN_FORCE_STATES = ['in-force', 'behind', 'rejected', 'unknown'] as const;
export type InForceState = (typeof IN_FORCE_STATES)[number];

/** What a proxy runs, compared with what is written. */
export type InForce =
  | { readonly state: 'in-force'; readonly revision: string; readonly share: number }
  | NotInForce
  | { readonly state: 'unknown'; readonly why: string };

/** `behind`: not taken yet. `rejected`: refused, so that what was in force before still is. */
export interface NotInForce {
  readonly state: 'behind' | 'rejected';
  /** What is written. */
  readonly revision: string;
  /** The files that are not in force; empty where it is the share alone. */
  readonly files: readonly string[];
  /** In force, as far as the proxy says. */
  readonly share: number | undefined;
}

/** How many updates each subscription had refused when its file was last in force. */
export type Refusals = ReadonlyMap<string, number>;

/**
 * Compares a report with what is written. A file of another version is rejected where its subscription has refused an
 * update since that file was last in force, by `before`; without that knowledge, where it has refused any.
 */
export function judgeReport(written: Written, report: ProxyReport, before: Refusals): InForce {
  const { revision, share: wanted } = written;
  const { share } = report;
  const late = written.files.filter(
    ({ subscription, version }) => report.versions.get(subscription) !== version,
  );
  if (late.length === 0 && share === wanted) return { state: 'in-force', revision, share };
  const rejected = late.filter(({ subscription }) => hasRefused(report, before, subscription));
  const state = rejected.length > 0 ? 'rejected' : 'behind';
  const files = (rejected.length > 0 ? rejected : late).map(({ file }) => file);
  return { state, revision, files, share };
}

/** A proxy that started anew counts from 0 again. */
function hasRefused({ refused }: ProxyReport, before: Refusals, subscription: string): boolean {
  const now = refused.get(subscription) ?? 0;
  const known = before.get(subscription) ?? 0;
  return now > (now < known ? 0 : known);
}

/** What is known of refusals after a report: the counts of those files that are in force. */
export function refusalsAfter(written: Written, report: ProxyReport, before: Refusals): Refusals {
  const known = new Map(before);
  for (const { subscription, version } of written.files)
    if (report.versions.get(subscription) === version)
      known.set(subscription, report.refused.get(subscription) ?? 0);
  return known;
}
