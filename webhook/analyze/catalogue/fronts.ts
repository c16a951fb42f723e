import type { About } from './about.ts';

/** What is peculiar to topology `ingress-all`, where the ingress stands in front of production's services. */
export const FRONTS = {
  'front-unserved': {
    title: 'A production service behind the ingress does not answer as its callers ask for it.',
    remedy: 'give it a Gateway at its own port, for any SNI, and a route for any host that leads to it',
    severity: 'error',
  },
  'front-changes': {
    title: 'The ingress changes, cuts or repeats what it passes on to a production service.',
    remedy: 'let the routes choose and nothing else: no time limits, no retries, no headers',
    severity: 'error',
  },
  'front-outside': {
    title:
      'A production service can be reached at another port than its own, perhaps where outside traffic arrives.',
    remedy: 'serve it at its own port alone',
    severity: 'error',
  },
  'front-open': {
    title: 'Routes of any namespace may take the requests to a production service.',
    remedy: "let the Gateway take routes of the service's own namespace alone",
    severity: 'warning',
  },
  'gateway-certificate-differs': {
    title: 'A Gateway shows another certificate than the declared one.',
    remedy: 'name the declared Secret',
    severity: 'error',
  },
  'grant-missing': {
    title: 'A route leads into a namespace that does not let it.',
    remedy: 'add a ReferenceGrant to that namespace',
    severity: 'error',
  },
  'diverted-twice': {
    title: 'Requests that the ingress diverts are diverted on their way there as well.',
    remedy: 'divert in one place: take the diversion out of the callers, or choose topology pods',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
