import type { Milliseconds } from '../../core/duration.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { field, listField, objectField } from '../../edges/envoy/fields.ts';
import { readMilliseconds } from '../duration.ts';
import { type Flawed, flaw } from '../finding.ts';
import type { EnvoyRoute, EnvoyTable } from './model.ts';

/** Envoy's own, where nothing is said. */
const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_IDLE_MS = 300_000;

/** What cuts a job before its time, or runs it twice. */
export function jobFlaws(table: EnvoyTable, route: EnvoyRoute, needed: Milliseconds): Flawed[] {
  return [
    ...limitFlaws(table, route, needed),
    ...idleFlaws(table, route, needed),
    ...retryFlaws(table, route),
  ];
}

function limitFlaws({ manager }: EnvoyTable, { action }: EnvoyRoute, needed: number): Flawed[] {
  const own = objectField(action, 'max_stream_duration');
  const stream =
    own === undefined
      ? field(objectField(manager, 'common_http_protocol_options'), 'max_stream_duration')
      : (field(own, 'max_stream_duration') ?? '0s');
  const limits = [
    ['timeout', field(action, 'timeout'), DEFAULT_TIMEOUT_MS],
    ['max_stream_duration', stream, 0],
    ['request_timeout', field(manager, 'request_timeout'), 0],
  ] as const;
  return limits.flatMap(([name, value, absent]) => {
    const limit = readMilliseconds(value) ?? absent;
    if (limit === 0 || limit >= needed) return [];
    return [
      flaw('job-timeout', {
        value,
        message: `cuts a job after ${limit / 1000} s (${name}); it may take ${needed / 1000} s`,
      }),
    ];
  });
}

function idleFlaws({ manager }: EnvoyTable, { action }: EnvoyRoute, needed: number): Flawed[] {
  const value = field(action, 'idle_timeout') ?? field(manager, 'stream_idle_timeout');
  const limit = readMilliseconds(value) ?? DEFAULT_IDLE_MS;
  if (limit === 0 || limit >= needed) return [];
  const message = `cuts a job that says nothing for ${limit / 1000} s; it may take ${needed / 1000} s`;
  return [flaw('job-idle-timeout', { value, message })];
}

function retryFlaws({ virtualHost, routeConfig }: EnvoyTable, { action }: EnvoyRoute): Flawed[] {
  const policy = [action, virtualHost, routeConfig]
    .map((level): JsonObject | undefined => objectField(level, 'retry_policy'))
    .find((found) => found !== undefined);
  const hedge = objectField(action, 'hedge_policy');
  const retries = policy !== undefined && retriesAtAll(policy);
  if (!retries && hedge === undefined) return [];
  const value = (retries ? policy : hedge) as Json;
  return [flaw('job-retries', { value, message: 'may send a job twice' })];
}

function retriesAtAll(policy: JsonObject): boolean {
  const on = field(policy, 'retry_on');
  return typeof on === 'string' && on !== '' && Number(field(policy, 'num_retries') ?? 1) > 0
    ? true
    : listField(policy, 'retriable_status_codes').length > 0 && Number(field(policy, 'num_retries') ?? 1) > 0;
}
