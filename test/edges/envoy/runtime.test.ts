import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { revert } from '../../../webhook/edges/envoy/revert.ts';
import { diversionPlan, withHosts } from '../../fixtures/diversions.ts';
import { API, at, config, TO_API } from './configs.ts';

const PLAN = diversionPlan();
const BASE = config(API, [TO_API]);
const SHARE = {
  name: 'shunt.testwiki.share',
  disk_layer: { symlink_root: '/etc/shunt/testwiki/..data', subdirectory: 'runtime' },
};
const ADMIN = { name: 'admin', admin_layer: {} };
const STATIC = { name: 'own', static_layer: { a: 1 } };

function layersOf(given: JsonObject): unknown {
  const { config: result } = divert(given, PLAN);
  return at(result, 'layered_runtime', 'layers') ?? at(result, 'layeredRuntime', 'layers');
}

describe('the layer with the share', () => {
  it('stands below every layer that is there', () => {
    expect(layersOf({ ...BASE, layered_runtime: { layers: [STATIC, ADMIN] } })).toEqual([
      SHARE,
      STATIC,
      ADMIN,
    ]);
  });

  it('comes with the admin layer that an Envoy without layers has', () => {
    expect(layersOf(BASE)).toEqual([SHARE, { name: 'shunt.admin', admin_layer: {} }]);
  });

  it('is added under the name that the configuration uses', () => {
    const { config: result } = divert({ ...BASE, layeredRuntime: { layers: [ADMIN] } }, PLAN);
    expect(result).not.toHaveProperty('layered_runtime');
    expect(at(result, 'layeredRuntime', 'layers')).toEqual([SHARE, ADMIN]);
  });

  it.each([
    ['no layers', BASE],
    ['layers', { ...BASE, layered_runtime: { layers: [STATIC, ADMIN] } }],
  ])('goes away without a trace: %s', (_, given) => {
    const once = divert(given, PLAN).config;
    expect(divert(once, PLAN).config).toEqual(once);
    expect(Object.keys(once).filter((key) => /runtime/i.test(key))).toHaveLength(1);
    expect(revert(once, 'testwiki')).toEqual(given);
  });

  it.each([
    ['an empty list', { layered_runtime: { layers: [] } }],
    ['an empty mapping', { layered_runtime: {} }],
    ['an empty mapping in lowerCamelCase', { layeredRuntime: {} }],
  ])('replaces a runtime without layers, which is none: %s', (_, runtime) => {
    const once = divert({ ...BASE, ...runtime }, PLAN).config;
    expect(divert(once, PLAN).config).toEqual(divert(BASE, PLAN).config);
    expect(Object.keys(once).filter((key) => /runtime/i.test(key))).toHaveLength(1);
    expect(revert(once, 'testwiki')).toEqual(BASE);
  });

  it('goes away without a trace, however many hosts there are', () => {
    const plan = diversionPlan(
      withHosts(...Array.from({ length: 50 }, (_, index) => `wiki${index}.example`)),
    );
    for (const given of [BASE, { ...BASE, layered_runtime: { layers: [STATIC, ADMIN] } }]) {
      const once = divert(given, plan).config;
      expect(divert(once, plan).config).toEqual(once);
      expect(revert(once, 'testwiki')).toEqual(given);
    }
  });

  it('is not added where nothing is diverted', () => {
    expect(layersOf({ static_resources: {}, layered_runtime: { layers: [ADMIN] } })).toEqual([ADMIN]);
  });
});
