import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { divert } from '../../webhook/edges/envoy/divert.ts';
import { revert } from '../../webhook/edges/envoy/revert.ts';
import { divertText, revertText } from '../../webhook/edges/envoy/text.ts';
import { routesOf } from '../edges/envoy/configs.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { bootstraps } from './envoy.ts';
import { RUNS } from './runs.ts';

const PLAN = diversionPlan();

/** The host in a pattern of `:authority`, or the part of it that stands in a pattern of `:path`. */
const HOST_OR_PATH = /test\\\\\.wikipedia\\\\\.org|\[Tt\]\[Ee\]\[Ss\]\[Tt\]/;

function check(property: (config: JsonObject) => void): void {
  fc.assert(fc.property(bootstraps, property), { numRuns: RUNS });
}

function diverted(text: string): string {
  const result = divertText(text, PLAN);
  return result.ok ? result.value.text : JSON.stringify(result.problems);
}

function reverted(text: string): string {
  const result = revertText(text, PLAN.diversion);
  return result.ok ? result.value : JSON.stringify(result.problems);
}

describe('for every Envoy configuration', () => {
  it('the random ones do lead to upstreams, often', () => {
    const sample = fc.sample(bootstraps, { numRuns: 100, seed: 1 });
    const many = sample.filter((config) => divert(config, PLAN).report.diverted > 1);
    expect(many.length).toBeGreaterThan(40);
  });

  it('reverting gives back what was diverted', () => {
    check((config) => {
      expect(revert(divert(config, PLAN).config, PLAN.diversion)).toEqual(config);
    });
  });

  it('diverting twice is diverting once', () => {
    check((config) => {
      const once = divert(config, PLAN);
      expect(divert(once.config, PLAN)).toEqual(once);
    });
  });

  it('every original route is still there, in order, and every other one matches the host', () => {
    check((config) => {
      const originals = new Set(routesOf(config).map((route) => JSON.stringify(route)));
      const after = routesOf(divert(config, PLAN).config);
      const kept = after.filter((route) => originals.has(JSON.stringify(route)));
      expect(kept).toEqual(routesOf(config));
      for (const route of after.filter((other) => !kept.includes(other))) {
        expect(JSON.stringify(route['match'])).toMatch(HOST_OR_PATH);
        expect(JSON.stringify(route['match'])).toContain('shunt.testwiki.share');
      }
    });
  });

  it('its text in block style comes back to the byte, and is diverted once', () => {
    const styles = fc.record({
      indentSeq: fc.boolean(),
      indent: fc.constantFrom(2, 4),
      lineWidth: fc.constantFrom(0, 80),
      version: fc.constant('1.1' as const),
    });
    fc.assert(
      fc.property(bootstraps, styles, (config, style) => {
        const text = `# head\n${stringify(config, { ...style, aliasDuplicateObjects: false })}`;
        const once = diverted(text);
        expect(parse(once)).toEqual(divert(config, PLAN).config);
        expect(diverted(once)).toBe(once);
        expect(reverted(once)).toBe(text);
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  });

  it('its JSON comes back as the same data, and is diverted once', () => {
    check((config) => {
      const once = diverted(JSON.stringify(config));
      expect(diverted(once)).toBe(once);
      expect(JSON.parse(reverted(once))).toEqual(config);
    });
  });
});
