import { describe, expect, it } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { revert } from '../../../webhook/edges/envoy/revert.ts';
import { diversionPlan } from '../../fixtures/diversions.ts';
import { fixtureEnvoy } from '../../fixtures/read.ts';
import { at, config, JOBS, routesOf } from './configs.ts';

const PLAN = diversionPlan();

/** The same configuration with every field in lowerCamelCase, save the names of filters, which are data. */
function camelised(node: Json): Json {
  if (Array.isArray(node)) return node.map(camelised);
  if (!isObject(node)) return node;
  const entries = Object.entries(node).map(([key, value]): [string, Json] => [
    key.includes('.') ? key : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    camelised(value ?? null),
  ]);
  return Object.fromEntries(entries);
}

describe('fields in lowerCamelCase', () => {
  it.each(['mesh', 'rest-gateway'] as const)('are diverted like the others: %s', (name) => {
    const original = camelised(fixtureEnvoy(name)) as JsonObject;
    const { config: once, report } = divert(original, PLAN);
    expect(report).toMatchObject({ diverted: divert(fixtureEnvoy(name), PLAN).report.diverted });
    expect(divert(once, PLAN).config).toEqual(once);
    expect(revert(once, 'testwiki')).toEqual(original);
  });

  it('never stand beside the same field in snake_case', () => {
    const route = {
      match: { prefix: '/', queryParameters: [] },
      requestHeadersToRemove: ['a'],
      route: {
        cluster: 'jobs',
        idleTimeout: '1s',
        retryPolicy: { numRetries: 3 },
        autoHostRewrite: true,
      },
      metadata: { filterMetadata: { lua: {} } },
    };
    const { config: result } = divert(config(JOBS, [route]), PLAN);
    const [copy] = routesOf(result);
    expect(at(copy, 'route')).toEqual({
      cluster: 'shunt-testwiki-jobrunner',
      timeout: '1202.5s',
      idle_timeout: '1202.5s',
      max_stream_duration: { max_stream_duration: '0s' },
      retry_policy: { num_retries: 0 },
      host_rewrite_literal: 'mw-pretrain-jobrunner.discovery.wmnet',
    });
    expect(at(copy, 'metadata')).toEqual({
      filter_metadata: { lua: {}, 'shunt.wikimedia.org': { diversion: 'testwiki' } },
    });
    expect(copy).not.toHaveProperty('requestHeadersToRemove');
    expect(at(copy, 'request_headers_to_remove', 0)).toBe('a');
  });
});
