import { isIpAddress } from '../core/host.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';

/**
 * When the controller lets a workload's pods reach the targets by a NetworkPolicy of its own. A policy for egress takes
 * everything that it does not name from pods that no other policy restricts, so `auto` adds one only where all of the
 * workload's pods are restricted already.
 */
export const NETWORK_POLICY_MODES = ['auto', 'always', 'never'] as const;
export type NetworkPolicyMode = (typeof NETWORK_POLICY_MODES)[number];

/** Egress to the targets of a workload: their networks, or any address where only names are declared. */
export function egressRules(workload: PlannedWorkload): JsonObject[] {
  const rules = new Map<string, JsonObject>();
  for (const { target } of workload.upstreams) {
    const cidrs = target.networks ?? (isIpAddress(target.address) ? [hostNetwork(target.address)] : []);
    const peers = [...cidrs].sort().map((cidr) => ({ ipBlock: { cidr } }));
    const ports = [{ port: target.port, protocol: 'TCP' }];
    const rule: JsonObject = peers.length > 0 ? { to: peers, ports } : { ports };
    rules.set(JSON.stringify(rule), rule);
  }
  return [...rules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}

function hostNetwork(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

/** The specification of our policy, in the form in which the API server gives it back. */
export function policySpec(workload: PlannedWorkload, egress: readonly JsonObject[]): JsonObject {
  return { podSelector: { matchLabels: { ...workload.labels } }, policyTypes: ['Egress'], egress };
}

/** Whether a policy restricts what its pods may reach; without types it does when it has rules for egress. */
export function restrictsEgress(spec: JsonObject): boolean {
  const types = spec['policyTypes'];
  return Array.isArray(types) ? types.includes('Egress') : Array.isArray(spec['egress']);
}

/** The pods that a policy is for. */
export function selectorOf(spec: JsonObject): JsonObject {
  return isObject(spec['podSelector']) ? spec['podSelector'] : {};
}
