import { readFileSync } from 'node:fs';
import { renderedEdges } from '../../webhook/edges/all.ts';
import { divertRemap } from '../../webhook/edges/ats/remap.ts';
import { script } from '../../webhook/edges/ats/script.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { ingressObjects } from '../../webhook/edges/ingress/objects.ts';
import type { IngressKind } from '../../webhook/edges/ingress/settings.ts';
import { ingressAllObjects } from '../../webhook/edges/ingress/topology-objects.ts';
import { mergeText } from '../../webhook/edges/knative/text.ts';
import { writeYaml } from '../../webhook/edges/write.ts';
import { type Change, diversionPlan, diversionText, withShare } from '../fixtures/diversions.ts';
import { fixtureText, found, inRepository } from '../fixtures/read.ts';
import { ATS } from './ats.ts';
import { DECLARED } from './declared.ts';
import { CALLERS, ENVOY, LISTENERS } from './envoy.ts';
import type { Base, Mutator } from './fault.ts';
import { ADDED } from './fronts.ts';
import { gatewayApiFronts } from './fronts-gateway-api.ts';
import { istioFronts } from './fronts-istio.ts';
import { GATEWAY_API } from './gateway-api.ts';
import { ISTIO } from './istio.ts';
import { KNATIVE } from './knative.ts';
import { PLAIN } from './plain.ts';

/** Files as they should be, and the kinds of fault that are made in them. */
export interface Subjected {
  readonly base: Base;
  readonly mutators: readonly Mutator[];
}

/** Everything that is rendered, configurations of today with the diversion in them, and the diversion itself. */
export function subjected(): Subjected[] {
  const rendered = renderedEdges(diversionPlan(), diversionText());
  const edge = (label: string, name: string): Base => {
    const files = found(
      rendered.find((group) => group[name] !== undefined),
      name,
    );
    return { edge: label, name, files };
  };
  return [
    { base: edge('ingress, Istio', 'ingress istio'), mutators: ISTIO },
    { base: edge('ingress, Gateway API', 'ingress gateway-api'), mutators: GATEWAY_API },
    { base: edge('ingress, plain', 'ingress ingress'), mutators: PLAIN },
    { base: fronts('istio'), mutators: istioFronts(callers(rendered)) },
    { base: fronts('gateway-api'), mutators: gatewayApiFronts(callers(rendered)) },
    { base: ats(), mutators: ATS },
    { base: knative(), mutators: KNATIVE },
    { base: edge('sidecar', 'sidecar changeprop'), mutators: [...ENVOY, ...LISTENERS] },
    { base: edge('sidecar', 'sidecar jobqueue'), mutators: [...ENVOY, ...LISTENERS] },
    { base: envoy('mesh', 'mesh.yaml'), mutators: ENVOY },
    { base: envoy('mesh', 'jobrunner-listener.yaml', jobsToday()), mutators: [...ENVOY, ...CALLERS] },
    { base: envoy('rest-gateway', 'rest-gateway.yaml'), mutators: ENVOY },
    {
      base: {
        edge: 'diversion',
        name: 'diversion',
        files: { 'diversion.yaml': diversionText(withShare(50)) },
      },
      mutators: DECLARED,
    },
  ];
}

/** The ingress in front of production's services, with the objects of the other environment beside what it adds. */
function fronts(kind: IngressKind): Base {
  const text = (objects: ReturnType<typeof ingressObjects>): string => {
    if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
    return objects.value.map(writeYaml).join('---\n');
  };
  const plan = diversionPlan();
  return {
    edge: `ingress-all, ${kind}`,
    name: `ingress-all ${kind}`,
    files: { [ADDED]: text(ingressAllObjects(kind, plan)), 'ingress own': text(ingressObjects(kind, plan)) },
  };
}

/** Files of callers with the diversion in them, which have no business beside an ingress that diverts. */
function callers(rendered: readonly Base['files'][]): Record<string, Base['files']> {
  const sidecars = ['sidecar changeprop', 'sidecar jobqueue'].map((name): [string, Base['files']] => [
    name,
    found(
      rendered.find((group) => group[name] !== undefined),
      name,
    ),
  ]);
  return {
    ...Object.fromEntries(sidecars),
    'an Envoy of its own': envoy('mesh', 'mesh.yaml').files,
    'model servers': knative().files,
  };
}

function envoy(edge: string, name: string, text = fixtureText(`envoy/${name}`)): Base {
  const diverted = divertText(text, diversionPlan());
  if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
  return { edge, name, files: { [name]: diverted.value.text } };
}

/** A listener to the job runners without the limits that the fixture is there for. */
export function jobsToday(): string {
  return fixtureText('envoy/jobrunner-listener.yaml')
    .replace(/^ +stream_idle_timeout: .*\n/m, '')
    .replace(/^ +common_http_protocol_options:\n.*\n/m, '')
    .replace(/^ +retry_policy: .*\n/m, '')
    .replace(/timeout: 1s/, 'timeout: 1202.5s\n                            idle_timeout: 1202.5s');
}

function knative(): Base {
  const merged = mergeText(fixtureText('knative/values.yaml'), diversionPlan());
  if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
  return { edge: 'knative', name: 'values.yaml', files: { 'values.yaml': merged.value.text } };
}

export function ats(...changes: readonly Change[]): Base {
  const plan = diversionPlan(...changes);
  const settings = found(plan.edges.ats, 'spec.edges.ats');
  const remap = divertRemap(
    readFileSync(inRepository('test/fixtures/ats/remap.config'), 'utf8'),
    plan,
    settings,
  );
  if (!remap.ok) throw new Error(JSON.stringify(remap.problems));
  return {
    edge: 'ats',
    name: 'remap.config',
    files: { 'remap.config': remap.value.text, 'shunt-testwiki.lua': script(plan, settings) },
  };
}
