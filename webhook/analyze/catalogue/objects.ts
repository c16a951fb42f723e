import type { About } from './about.ts';

/** Objects and rules that do not fit together. */
export const OBJECTS = {
  drift: {
    title: 'A file that the program wrote or edited is not what it would write now.',
    remedy: 'render it anew, and change the diversion rather than the file',
    severity: 'error',
  },
  'hosts-disjoint': {
    title: 'A VirtualService and what it is bound to have no host in common.',
    remedy: 'give both the same hosts',
    severity: 'error',
  },
  'host-outside-gateway': {
    title: 'A VirtualService has hosts that its Gateway does not.',
    remedy: 'add them to the Gateway, or take them out',
    severity: 'warning',
  },
  'virtual-service-twice': {
    title: 'Two VirtualServices have the same host.',
    remedy: 'merge them; only one of the two is used',
    severity: 'error',
  },
  'virtual-service-overlap': {
    title:
      "A VirtualService of the mesh is for a host that another one's wildcard covers, on ports that no ServiceEntry has by that name.",
    remedy: 'add the routes to the other one, or the host to a ServiceEntry with the same ports',
    severity: 'error',
  },
  'hosts-overlap': {
    title: 'A VirtualService has a host that another one of its hosts covers.',
    remedy: 'leave only one of them; Istio refuses the object',
    severity: 'error',
  },
  'tls-host-twice': {
    title: 'A name is registered on two Gateways.',
    remedy: 'register it once; later ones are ignored',
    severity: 'error',
  },
  'gateway-missing': {
    title: 'A VirtualService names a Gateway that is not there.',
    remedy: 'add the Gateway, or correct the name',
    severity: 'error',
  },
  'gateway-plain': {
    title: 'A Gateway does not end TLS for the names of the other environment.',
    remedy: 'give the server port HTTPS and TLS in mode SIMPLE',
    severity: 'error',
  },
  'gateway-certificate': {
    title: 'A Gateway names no certificate, or another than the declared one.',
    remedy: 'name the declared Secret',
    severity: 'error',
  },
  'gateway-selector': {
    title: 'A Gateway is for other pods than the declared ones.',
    remedy: 'select the declared gateway pods',
    severity: 'error',
  },
  'destination-rule-missing': {
    title: 'Nothing says that a destination speaks TLS.',
    remedy: 'add a DestinationRule (or BackendTLSPolicy) for it',
    severity: 'error',
  },
  'service-entry-opaque': {
    title: 'The mesh knows a name and port, and neither reads its requests nor finds its address.',
    remedy: 'give the port protocol HTTP, and the ServiceEntry of a target resolution DNS',
    severity: 'error',
  },
  'service-entry-twice': {
    title: 'Two ServiceEntries claim one name.',
    remedy: 'merge them',
    severity: 'warning',
  },
  'service-port': {
    title: 'A port is no port of the Service.',
    remedy: 'use the port of the Service',
    severity: 'error',
  },
  'egress-missing': {
    title: 'A policy lets pods out to an upstream, and not to its target.',
    remedy: "allow the target's networks and port",
    severity: 'error',
  },
  'egress-undeclared': {
    title: 'The networks of a target are not declared.',
    remedy: 'declare `networks`, so that policies can be written',
    severity: 'warning',
  },
  'rule-steals': {
    title: 'A rule takes requests from a rule that leads elsewhere.',
    remedy: "put it behind the rules for paths, or use the diversion's step",
    severity: 'error',
  },
  'rule-unreached': {
    title: 'A rule is never reached.',
    remedy: 'put it in front of the rule that takes its requests, or remove it',
    severity: 'warning',
  },
  'rule-bypasses': {
    title: 'A rule leads a diverted host round the diversion.',
    remedy: 'remove it, or lead it to a declared upstream',
    severity: 'error',
  },
  'step-useless': {
    title: "A rule runs the diversion's step and leads to nothing that is diverted.",
    remedy: 'remove the step',
    severity: 'warning',
  },
  'include-unseen': {
    title: 'Rules are included that were not given.',
    remedy: 'give the included files as well',
    severity: 'warning',
  },
} as const satisfies Readonly<Record<string, About>>;
