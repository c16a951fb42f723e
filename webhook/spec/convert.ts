import type { Capture, Percent, SidecarSettings, Target, Upstream, Workload } from '../core/diversion.ts';
import { type Milliseconds, parseDuration } from '../core/duration.ts';
import type { Role } from '../core/role.ts';
import { divertedUpstreams } from '../edges/all.ts';
import { toAtsSettings } from '../edges/ats/schema.ts';
import { checkedHost } from '../edges/checked-host.ts';
import { toIngressAll } from '../edges/ingress/production-schema.ts';
import { toIngressSettings } from '../edges/ingress/schema.ts';
import { toKnativeSettings } from '../edges/knative/schema.ts';
import type { Diversion, EdgeSettings } from '../edges/plan.ts';
import { toGatewaySettings } from '../edges/rest-gateway/schema.ts';
import type { DiversionDocument, TargetDocument, UpstreamDocument } from './schema.ts';

type Spec = DiversionDocument['spec'];

/** Turns a document that passed every check into the domain's own types. */
export function toDiversion({ metadata, spec }: DiversionDocument): Diversion {
  const upstreams = Object.entries(spec.upstreams).map(([name, upstream]) => toUpstream(name, upstream));
  const edges = toEdges(spec.edges);
  return {
    name: metadata.name,
    enabled: spec.enabled,
    share: spec.share as Percent,
    hosts: spec.hosts.map(checkedHost),
    targets: Object.fromEntries(targetEntries(spec).map(([role, target]) => [role, toTarget(role, target)])),
    upstreams,
    diverts: divertedUpstreams({ upstreams, edges }),
    workloads: Object.entries(spec.workloads).map(
      ([name, { ownEnvoy, pool, ...workload }]): Workload => ({
        name,
        ...workload,
        captures: workload.captures as readonly Capture[],
        ...(ownEnvoy ? { ownEnvoy } : {}),
        ...(pool ? { pool } : {}),
      }),
    ),
    edges,
    sidecar: toSidecar(spec.sidecar),
  };
}

function toSidecar({ caBundle, ...rest }: Spec['sidecar']): SidecarSettings {
  return { ...rest, ...(caBundle ? { caBundle } : {}) };
}

/** The declared targets with their roles. */
export function targetEntries(spec: Spec): [Role, TargetDocument][] {
  return Object.entries(spec.targets).flatMap(([role, target]): [Role, TargetDocument][] =>
    target ? [[role as Role, target]] : [],
  );
}

function toTarget(role: Role, { allow, networks, ...target }: TargetDocument): Target {
  return {
    ...target,
    role,
    authority: target.authority === 'preserve' ? 'preserve' : checkedHost(target.authority),
    timeout: checkedDuration(target.timeout),
    connectTimeout: checkedDuration(target.connectTimeout),
    idleTimeout: checkedDuration(target.idleTimeout),
    ...(allow ? { allow } : {}),
    ...(networks ? { networks } : {}),
  };
}

function toUpstream(name: string, document: UpstreamDocument): Upstream {
  const { listenerPort, xForwardedProto, sni, certificateNames, ...rest } = document;
  const [first = ''] = document.addresses;
  return {
    ...rest,
    name,
    timeout: checkedDuration(document.timeout),
    connectTimeout: checkedDuration(document.connectTimeout),
    idleTimeout: checkedDuration(document.idleTimeout),
    sni: sni ?? first,
    certificateNames: certificateNames ?? [sni ?? first],
    ...(listenerPort === undefined ? {} : { listenerPort }),
    ...(xForwardedProto === undefined ? {} : { xForwardedProto }),
  };
}

function toEdges(edges: Spec['edges']): EdgeSettings {
  const { ats, debug, ingress, ingressAll, knative, refusedOutside, restGateway } = edges;
  return {
    refusedOutside,
    ingressAll: toIngressAll(ingressAll, ingress?.clusterDomain),
    ...(debug ? { debug } : {}),
    ...(ats ? { ats: toAtsSettings(ats) } : {}),
    ...(restGateway ? { restGateway: toGatewaySettings(restGateway) } : {}),
    ...(ingress ? { ingress: toIngressSettings(ingress) } : {}),
    ...(knative ? { knative: toKnativeSettings(knative) } : {}),
  };
}

function checkedDuration(text: string): Milliseconds {
  const duration = parseDuration(text);
  if (duration === undefined) throw new Error(`a check let duration ${text} through`);
  return duration;
}
