import { type Decision, decide } from '../../core/decide.ts';
import type { Plan } from '../../core/plan.ts';
import type { Role } from '../../core/role.ts';
import type { CheckCode } from '../catalogue/catalogue.ts';
import { type Coded, flaw } from '../finding.ts';
import type { Scene } from '../scene.ts';
import { gatewayApiFrontTable } from './gateway-api-table.ts';
import { istioFrontTable } from './istio-table.ts';
import { type FrontProbe, frontProbes } from './probes.ts';
import { frontSites } from './sites.ts';
import type { FrontServed, FrontTable, Part } from './table.ts';

const WHOLE = 100;
const PRODUCTION = 'production';
const REFUSED = 'refused';

/** Asks the ingress in front of production's services for everything that the diversion has an opinion on. */
export function examineFronts(scene: Scene): Coded[] {
  const tables = frontSites(scene).map((site) => ({
    site,
    found: [istioFrontTable(scene, site), gatewayApiFrontTable(scene, site)].flatMap((table) => table ?? []),
  }));
  const [known] = tables.flatMap(({ found }) => found);
  return tables.flatMap(({ site, found }): Coded[] => {
    if (found.length > 0)
      return found.flatMap((table) =>
        frontProbes(scene.plan, site).flatMap((probe) => judge(scene.plan, table, probe)),
      );
    const message = `no Gateway has the port by which ${site.name} is called`;
    return [
      flaw('front-unserved', {
        file: known?.file ?? scene.file,
        path: `Gateway ${site.namespace}`,
        value: site.port,
        message,
      }),
    ];
  });
}

function judge(plan: Plan, table: FrontTable, { request, code }: FrontProbe): Coded[] {
  const { method, path, authority, headers, sni } = request;
  const [upstream = ''] = table.site.production.upstreams;
  const decision = decide(plan, { edge: 'ingress', upstream, method, path, authority, headers });
  const served = table.serve(request);
  const asked = `${method} ${path} for ${authority} (SNI ${sni === '' ? 'none' : sni})`;
  const told: readonly Told[] =
    served.kind === 'closed'
      ? [['front-unserved', 'is answered by no Gateway of these files']]
      : flawsOf(plan, table, { served, decision, code });
  return told.map(([own, message]) =>
    flaw(own, {
      file: table.file,
      path: served.place,
      value: asked,
      message: `${asked} ${message}`,
    }),
  );
}

type Told = readonly [code: CheckCode, message: string];

interface Outcome {
  readonly served: Split;
  readonly decision: Decision;
  /** Of what is wrong when it goes elsewhere. */
  readonly code: CheckCode;
}

type Split = Extract<FrontServed, { kind: 'split' }>;

/** Where requests end first; only where that is right, how they are sent. */
function flawsOf(plan: Plan, table: FrontTable, { served, decision, code }: Outcome): readonly Told[] {
  const { to } = decision;
  const ends = endsOf(plan, table, served);
  const strange = [...ends.keys()].find((end) => end !== PRODUCTION && end !== REFUSED && end !== to);
  if (strange !== undefined) {
    if (to === PRODUCTION && decision.reason !== 'host-not-diverted')
      return [['share-differs', `goes to ${strange}, and a share of 0 is declared`]];
    const isRole = plan.targets.some(({ role }) => role === strange);
    const own = isRole && (to === PRODUCTION || to === REFUSED || code.startsWith('debug'));
    return [[own ? code : 'wrong-target', `goes to ${strange}, not to ${to}`]];
  }
  const flaw = to === PRODUCTION ? lostFlaw(ends, table) : shareFlaw(ends, { plan, to, code });
  return flaw ? [flaw] : sendingFlaws(plan, table, served, decision);
}

function lostFlaw(ends: ReadonlyMap<string, number>, { site }: FrontTable): Told | undefined {
  return ends.get(PRODUCTION) === WHOLE
    ? undefined
    : ['front-unserved', `is not taken to ${site.name}, whole or in part`];
}

function shareFlaw(
  ends: ReadonlyMap<string, number>,
  { plan, to, code }: { readonly plan: Plan; readonly to: string; readonly code: CheckCode },
): Told | undefined {
  const part = ends.get(to) ?? 0;
  if (part === 0) return [code, `is not ${to === REFUSED ? REFUSED : `taken to ${to}`}`];
  if (part === plan.share && (ends.get(PRODUCTION) ?? 0) === WHOLE - plan.share) return undefined;
  return ['share-differs', `is diverted in ${part} percent, and ${plan.share} are declared`];
}

/** How many of a hundred requests end where. */
function endsOf(plan: Plan, { site }: FrontTable, { parts }: Split) {
  const ends = new Map<string, number>();
  const add = (end: string, percent: number): void => {
    if (percent > 0) ends.set(end, (ends.get(end) ?? 0) + percent);
  };
  for (const { address, percent } of parts)
    add(address === site.production.address ? PRODUCTION : (roleAt(plan, address) ?? address), percent);
  add(REFUSED, WHOLE - parts.reduce((sum, { percent }) => sum + percent, 0));
  return ends;
}

function roleAt({ edges, targets }: Plan, address: string): Role | undefined {
  const { services = {} } = edges.ingress ?? {};
  return targets.find(({ role }) => services[role]?.address === address)?.role;
}

/** The ports that are asked, and under which name, also where nothing goes until the share is turned. */
function sendingFlaws(plan: Plan, { site }: FrontTable, { parts }: Split, decision: Decision): Told[] {
  const { services = {} } = plan.edges.ingress ?? {};
  return parts.flatMap((part): Told[] => {
    const isProduction = part.address === site.production.address;
    const role = roleAt(plan, part.address);
    const port = isProduction ? site.production.port : role && services[role]?.port;
    if (port === undefined)
      return [['wrong-target', `goes to ${part.address} as soon as the share is another one`]];
    const wrong: Told[] =
      part.port === port
        ? []
        : [['service-port', `goes to port ${part.port} of ${part.address}, which has ${port}`]];
    if (isProduction) return [...wrong, ...untouchedFlaws(part)];
    return role === decision.to ? [...wrong, ...authorityFlaws(decision, part)] : wrong;
  });
}

function untouchedFlaws({ authority }: Part): Told[] {
  return authority === undefined
    ? []
    : [['front-changes', `is sent to production as ${authority}, whatever the caller wrote`]];
}

function authorityFlaws({ authority: wanted, sni }: Decision, { authority }: Part): Told[] {
  if (authority === wanted) return [];
  if (wanted === sni)
    return [['authority-not-rewritten', `is sent as ${authority ?? 'it came'}, not as ${wanted}`]];
  return authority === undefined
    ? [['authority-not-canonical', 'is sent under the authority that the caller wrote']]
    : [['authority-lost', `is sent as ${authority}, not as ${wanted}`]];
}
