import { isObject, type Json } from '../core/json.ts';
import { PRODUCTION_STATISTICS } from '../edges/envoy/in-force.ts';

/** Requests that were answered by a target since the proxy started, and those of them that failed. */
export interface TargetCounts {
  readonly answered: number;
  /** Answers of class 5xx, those that the proxy gave for a target that did not answer included. */
  readonly failed: number;
}

/** What one proxy says of itself. It may lie: the pod that it runs in belongs to a tenant. */
export interface ProxyReport {
  /** Version of the last accepted file, by the subscription that reads it. */
  readonly versions: ReadonlyMap<string, string>;
  /** How many updates were refused since the proxy started, by subscription. */
  readonly refused: ReadonlyMap<string, number>;
  /** Share in force, in percent; undefined where the proxy has none, or none that is a number. */
  readonly share: number | undefined;
  /** Requests for diverted hosts that went to production, since the proxy started. */
  readonly toProduction: number;
  /** By the name of the target's cluster. */
  readonly targets: ReadonlyMap<string, TargetCounts>;
}

/** The two pages of a proxy, as text. */
export interface ReportPages {
  readonly statistics: string;
  readonly runtime: string;
}

/** No more statistics are read of one proxy; ours has some tens. */
const MAX_STATISTICS = 2_000;
const VERSION = /^[0-9a-f]{12}$/;
const PERCENT = /^(?:100|[1-9]?[0-9])$/;

/** Reads what a proxy answered; undefined where it is not what our pages hold. */
export function readReport({ statistics, runtime }: ReportPages, shareKey: string): ProxyReport | undefined {
  const found = statisticsIn(parsed(statistics));
  if (!found) return undefined;
  const answered = countsOf(found, 'upstream_rq_completed');
  const failed = countsOf(found, 'upstream_rq_5xx');
  const production = [...countsOf(found, 'upstream_rq_total')].filter(([subject]) =>
    subject.endsWith(`.route.${PRODUCTION_STATISTICS}`),
  );
  return {
    versions: versionsIn(found),
    refused: countsOf(found, 'update_rejected', 'update_failure'),
    share: shareIn(parsed(runtime), shareKey),
    toProduction: production.reduce((sum, [, count]) => sum + count, 0),
    targets: new Map(
      [...answered].map(([name, count]) => [name, { answered: count, failed: failed.get(name) ?? 0 }]),
    ),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Statistic {
  readonly name: string;
  readonly value: Json | undefined;
}

function statisticsIn(page: unknown): readonly Statistic[] | undefined {
  const list = isObject(page) ? page['stats'] : undefined;
  if (!Array.isArray(list)) return undefined;
  return list.slice(0, MAX_STATISTICS).flatMap((item: Json): Statistic[] => {
    const name = isObject(item) ? item['name'] : undefined;
    return typeof name === 'string' && isObject(item) ? [{ name, value: item['value'] }] : [];
  });
}

function versionsIn(statistics: readonly Statistic[]): ReadonlyMap<string, string> {
  return new Map(
    statistics.flatMap(({ name, value }) => {
      const [subject, what] = splitName(name);
      const isVersion = what === 'version_text' && typeof value === 'string' && VERSION.test(value);
      return isVersion ? [[subject, value] as const] : [];
    }),
  );
}

/** The counters with these last names, added up by what they are of. */
function countsOf(
  statistics: readonly Statistic[],
  ...names: readonly string[]
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, value } of statistics) {
    const [subject, what] = splitName(name);
    if (names.includes(what) && isCount(value)) counts.set(subject, (counts.get(subject) ?? 0) + value);
  }
  return counts;
}

function splitName(name: string): readonly [subject: string, what: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function shareIn(page: unknown, key: string): number | undefined {
  const entries = isObject(page) && isObject(page['entries']) ? page['entries'] : {};
  const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
  const value = isObject(entry) ? entry['final_value'] : undefined;
  return typeof value === 'string' && PERCENT.test(value) ? Number(value) : undefined;
}
