import { type Issued, issueAuthority, issueLeaf } from '../../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../../webhook/core/duration.ts';
import { plan as makePlan } from '../../../../webhook/core/plan.ts';
import { ingressSites } from '../../../../webhook/core/sites.ts';
import type { IngressSettings } from '../../../../webhook/edges/ingress/settings.ts';
import { upstreamSites } from '../../../../webhook/edges/ingress/upstream-sites.ts';
import type { Plan } from '../../../../webhook/edges/plan.ts';
import { parseDiversion } from '../../../../webhook/spec/parse.ts';
import { type ApiServer, startApiServer } from '../../../cluster/api-server.ts';
import { type Origin, startOrigin } from '../../../stage/origins.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { apply } from '../../istio/api.ts';
import { addAddresses, GATEWAY_ADDRESSES, podAddress, ROUTER_ADDRESS } from './addresses.ts';
import { environmentObjects, type StagedService } from './cluster-objects.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The other environment without its ingress: a cluster with Services, and something behind each that answers. */
export interface Environment {
  readonly plan: Plan;
  readonly settings: IngressSettings;
  readonly api: ApiServer;
  /** What signed the certificates of the Services. */
  readonly authority: Issued;
  /** Holds every name of every gateway. */
  readonly certificate: Issued;
  readonly origins: readonly Origin[];
}

export async function startEnvironment(diversion: string): Promise<Environment> {
  const parsed = parseDiversion(diversion);
  if (!parsed.ok) throw new StageError(JSON.stringify(parsed.problems));
  const plan = makePlan(parsed.value);
  const settings = plan.edges.ingress;
  if (!settings) throw new StageError('the diversion declares no ingress');
  const services = stagedServices(plan, settings);
  addAddresses([...GATEWAY_ADDRESSES, ROUTER_ADDRESS, ...services.map((_, index) => podAddress(index))]);
  const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
  const authority = await issueAuthority('stage', validity);
  const names = ingressSites(plan).flatMap(({ hosts }) => hosts);
  const origins = await Promise.all(
    services.map(async ({ site, port, certificateNames }, index) =>
      startOrigin({
        address: podAddress(index),
        port,
        sites: [{ name: site }],
        certificate: await issueLeaf(authority, certificateNames, validity),
      }),
    ),
  );
  const api = await startApiServer();
  await apply(api, environmentObjects(services));
  const certificate = await issueLeaf(authority, names, validity);
  return { plan, settings, api, authority, certificate, origins };
}

/** Those of the other environment first, then those of production, which some topologies put behind the ingress. */
function stagedServices(plan: Plan, settings: IngressSettings): StagedService[] {
  const own = Object.entries(settings.services).map(([role, { name, port, certificateNames }]) => ({
    site: role,
    namespace: settings.namespace,
    name,
    port,
    certificateNames,
  }));
  const production = upstreamSites(plan, settings).map(({ name, namespace, production }) => ({
    site: `production ${name}`,
    namespace,
    name: production.service,
    port: production.port,
    certificateNames: production.certificateNames,
  }));
  return [...own, ...production];
}
