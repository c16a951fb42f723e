import type { GatewaySettings } from '../../core/gateway-paths.ts';
import { hostOf } from '../../core/host.ts';
import type { Plan } from '../../core/plan.ts';
import { findRouteLists, type RouteList } from './find.ts';
import { readConfig } from './read.ts';

/** The gateway's settings, where a virtual host answers to one of the gateway's names: no other proxy does. */
export function gatewayOf(
  { edges }: Plan,
  { domains }: Pick<RouteList, 'domains'>,
): GatewaySettings | undefined {
  const gateway = edges.restGateway;
  const answers = domains.some((domain) => {
    const host = hostOf(domain.replace(/:\*$/, ''));
    return host !== undefined && gateway?.names.includes(host);
  });
  return answers ? gateway : undefined;
}

/** Whether the configuration is the REST gateway's; always so where the diversion knows nothing of its paths. */
export function answersAsGateway(text: string, plan: Plan): boolean {
  if (!plan.edges.restGateway) return true;
  const read = readConfig(text);
  return read.ok && findRouteLists(read.value.config).some((list) => gatewayOf(plan, list) !== undefined);
}
