import type { About } from './about.ts';

/** Objects and rules that do not fit together. */
export const OBJECTS = {
  drift: {
    title: 'A file that the program wrote or edited is not what it would write now.',
    remedy: 'render it again, and change the diversion instead of the file',
    severity: 'error',
  },
  'hosts-disjoint': {
    title: 'A VirtualService has no host in common with the Gateway or Service that it is bound to.',
    remedy: 'give both the same hosts',
    severity: 'error',
  },
  'host-outside-gateway': {
    title: 'A VirtualService has hosts that its Gateway does not have.',
    remedy: 'add them to the Gateway, or remove them',
    severity: 'warning',
  },
  'virtual-service-twice': {
    title: 'Two VirtualServices have the same host.',
    remedy: 'merge them; only one of the two is used',
    severity: 'error',
  },
  'virtual-service-overlap': {
    title:
      "A VirtualService of the mesh has a host that another one's wildcard matches, on ports that no ServiceEntry has for that host.",
    remedy: 'add the routes to the other one, or the host to a ServiceEntry with the same ports',
    severity: 'error',
  },
  'hosts-overlap': {
    title: 'A VirtualService has a host that another of its own hosts already matches.',
    remedy: 'leave only one of them; Istio refuses the object',
    severity: 'error',
  },
  'tls-host-twice': {
    title: 'A name is registered on two Gateways.',
    remedy: 'register it once; later ones are ignored',
    severity: 'error',
  },
  'gateway-missing': {
    title: 'A VirtualService names a Gateway that does not exist.',
    remedy: 'add the Gateway, or correct the name',
    severity: 'error',
  },
  'gateway-plain': {
    title: 'A Gateway does not terminate TLS for the names of the other environment.',
    remedy: 'give the server port HTTPS and TLS in mode SIMPLE',
    severity: 'error',
  },
  'gateway-certificate': {
    title: 'A Gateway has no certificate, or not the declared one.',
    remedy: 'name the declared Secret',
    severity: 'error',
  },
  'gateway-selector': {
    title: 'A Gateway selects other pods than the declared ones.',
    remedy: 'select the declared gateway pods',
    severity: 'error',
  },
  'destination-rule-missing': {
    title: 'No object says that connections to a destination use TLS.',
    remedy: 'add a DestinationRule (or BackendTLSPolicy) for it',
    severity: 'error',
  },
  'service-entry-opaque': {
    title:
      'A ServiceEntry is not for HTTP, or its target has no resolution: the mesh cannot route its requests.',
    remedy: 'set protocol HTTP on the port, and resolution DNS on the ServiceEntry of a target',
    severity: 'error',
  },
  'service-entry-twice': {
    title: 'Two ServiceEntries have the same host.',
    remedy: 'merge them',
    severity: 'warning',
  },
  'service-port': {
    title: "A port is not one of the Service's ports.",
    remedy: 'use a port of the Service',
    severity: 'error',
  },
  'egress-missing': {
    title: 'A policy allows egress to an upstream, but not to its target.',
    remedy: "allow the target's networks and port",
    severity: 'error',
  },
  'egress-undeclared': {
    title: 'The networks of a target are not declared.',
    remedy: 'declare `networks`, so that policies can be written',
    severity: 'warning',
  },
  'rule-steals': {
    title: 'A rule matches requests before a rule that routes them elsewhere.',
    remedy: "put it after the rules for paths, or use the diversion's script",
    severity: 'error',
  },
  'rule-unreached': {
    title: 'A rule never matches: an earlier one takes its requests.',
    remedy: 'put it before the rule that takes its requests, or remove it',
    severity: 'warning',
  },
  'rule-bypasses': {
    title: 'A rule lets a diverted host bypass the diversion.',
    remedy: 'remove it, or route it to a declared upstream',
    severity: 'error',
  },
  'step-useless': {
    title: "A rule runs the diversion's script, but its requests never go to a declared upstream.",
    remedy: 'remove the script from the rule',
    severity: 'warning',
  },
  'include-unseen': {
    title: 'A file is included that was not given, so its rules were not checked.',
    remedy: 'give the included files as well',
    severity: 'warning',
  },
} as const satisfies Readonly<Record<string, About>>;
