import { describe, expect, it } from 'vitest';
import { analyze } from '../../webhook/analyze/analyze.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import type { Result } from '../../webhook/core/problem.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { topologyObjects } from '../../webhook/edges/ingress/topology-objects.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { writeYaml } from '../../webhook/edges/write.ts';
import { type Change, diversionPlan, SWITCHED_OFF, withHosts, withShare } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';

const KINDS = ['istio', 'gateway-api'] as const;

function known<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

function codesIn(plan: Plan, files: Readonly<Record<string, string>>): string[] {
  const subjects = Object.entries(files).flatMap(([name, text]) => known(readSubjects(name, text)));
  return [...new Set(analyze({ plan, file: 'diversion.yaml', subjects }).map(({ code }) => code))];
}

function textOf(objects: readonly JsonObject[]): string {
  return objects.map(writeYaml).join('---\n');
}

function rendered(kind: (typeof KINDS)[number], plan: Plan): string {
  return textOf(known(topologyObjects('ingress-all', kind, plan)));
}

const DIVERSIONS: readonly (readonly [string, readonly Change[]])[] = [
  ['as it is declared', []],
  ...[0, 1, 50, 99].map((share): [string, Change[]] => [`at a share of ${share}`, [withShare(share)]]),
  ['switched off', [SWITCHED_OFF]],
  ['for several hosts', [withHosts('test.wikipedia.org', 'beta.wikipedia.org', 'x-1.example.net')]],
  [
    'in a cluster of another domain',
    [['namespace: mw-pretrain\n', 'namespace: mw-pretrain\n      clusterDomain: example.internal\n']],
  ],
];

describe.each(KINDS)("the ingress in front of production's services, kind %s", (kind) => {
  it.each(DIVERSIONS)('has no findings for a diversion %s', (_, changes) => {
    const plan = diversionPlan(...changes);
    expect(codesIn(plan, { ingress: rendered(kind, plan) })).toEqual([]);
  });

  it.each([0, 50])('is found to divert another share than %i percent', (share) => {
    const plan = diversionPlan(withShare(share));
    const text = rendered(kind, diversionPlan(withShare(30)));
    expect(codesIn(plan, { ingress: text })).toContain('drift');
  });

  it('has no quarrel with an edge that diverts what does not stand behind it', () => {
    const plan = diversionPlan(withShare(50));
    const diverted = (name: string): string =>
      known(divertText(fixtureText(`envoy/${name}.yaml`), plan)).text;
    const ingress = rendered(kind, plan);
    expect(codesIn(plan, { ingress, 'rest-gateway.yaml': diverted('rest-gateway') })).toEqual([]);
    expect(codesIn(plan, { ingress, 'mesh.yaml': diverted('mesh') })).toEqual(['diverted-twice']);
    expect(codesIn(plan, { 'mesh.yaml': diverted('mesh') })).toEqual([]);
  });

  it('is asked for every service that the diversion declares behind it', () => {
    const plan = diversionPlan();
    const objects = known(topologyObjects('ingress-all', kind, plan));
    const isOfJobs = ({ metadata }: JsonObject): boolean =>
      (metadata as { readonly namespace: string }).namespace === 'mw-jobrunner';
    expect(codesIn(plan, { ingress: textOf(objects.filter((object) => !isOfJobs(object))) })).toContain(
      'drift',
    );
    expect(codesIn(plan, { ingress: textOf(known(topologyObjects('pods', kind, plan))) })).toEqual([]);
  });
});
