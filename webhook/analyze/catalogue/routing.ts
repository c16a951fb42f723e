import type { About } from './about.ts';

/** What becomes of requests for diverted hosts, and of those for others. */
export const ROUTING = {
  'host-missed': {
    title: 'A diverted host is not diverted.',
    remedy: 'match the declared hosts, as `shunt render` and `shunt divert` do',
    severity: 'error',
  },
  'host-misses-case': {
    title: 'The match of a diverted host misses upper case.',
    remedy: 'match without regard to case',
    severity: 'error',
  },
  'host-misses-port': {
    title: 'The match of a diverted host misses a port.',
    remedy: 'let the match take `:` and digits behind the host',
    severity: 'error',
  },
  'host-misses-dot': {
    title: 'The match of a diverted host misses a trailing dot.',
    remedy: 'let the match take one dot behind the host',
    severity: 'warning',
  },
  'host-too-wide': {
    title: 'Hosts that nobody diverted are diverted.',
    remedy: 'match the whole name, and quote its dots',
    severity: 'error',
  },
  'route-not-diverted': {
    title: 'A route leads to a declared upstream, and nothing diverts it.',
    remedy: 'divert the configuration, or render it anew',
    severity: 'error',
  },
  'route-behind': {
    title: 'A diverted route stands behind the one that it should precede.',
    remedy: 'put it directly in front of the route to production',
    severity: 'error',
  },
  'route-shadowed': {
    title: 'A route is never reached, since an earlier one takes everything.',
    remedy: 'put the route that takes everything last',
    severity: 'warning',
  },
  'route-blind': {
    title: 'A route leads to a declared upstream in a way that Host cannot divert.',
    remedy: 'rewrite the route, or divert at another edge',
    severity: 'error',
  },
  'wrong-target': {
    title: 'A diverted request goes to another place than its target.',
    remedy: 'lead it to the target of its upstream',
    severity: 'error',
  },
  'target-unserved': {
    title: 'What a target is for is answered by nobody.',
    remedy: 'let the gateway and its routes serve the names by which the target is asked',
    severity: 'error',
  },
  'name-unserved': {
    title: 'A declared name of the other environment is answered by nobody.',
    remedy: 'serve it, or take it out of the declared hosts',
    severity: 'warning',
  },
  'allow-list-open': {
    title: 'A request that the target does not take is passed on.',
    remedy: 'refuse everything but the allow-list, behind the routes that pass it',
    severity: 'error',
  },
  'allow-list-closed': {
    title: 'A request that the target takes is not passed on.',
    remedy: 'let the routes pass each request of the allow-list',
    severity: 'error',
  },
  'refused-path-open': {
    title: 'A path that is refused to the outside is not refused.',
    remedy: 'refuse it in front of every other route, in all its spellings',
    severity: 'error',
  },
  'job-reachable-outside': {
    title: 'What runs jobs can be reached from outside.',
    remedy: 'refuse it under every diverted host',
    severity: 'error',
  },
  'debug-header-missed': {
    title: 'A debug header that asks for the other environment is not recognised.',
    remedy:
      'read the header as every edge does: the name behind the first `backend=`, anywhere, else the whole value',
    severity: 'error',
  },
  'debug-header-too-wide': {
    title: 'A debug header that asks for something else goes to the debug backend.',
    remedy: 'match the names of the backends as a whole',
    severity: 'error',
  },
  'alias-undeclared': {
    title: 'An alias at the CDN stands for a host that nobody diverts.',
    remedy: 'let it stand for a declared host, declare that host, or leave the alias out',
    severity: 'warning',
  },
  'static-path': {
    title: 'A path is declared that never arrives under a diverted host.',
    remedy: "leave it out; the CDN's front sends such paths under another wiki's name",
    severity: 'warning',
  },
  'diverted-twice': {
    title: 'Requests that the ingress diverts are diverted on their way there as well.',
    remedy: 'divert in one place: take the diversion out of the callers, or choose topology pods',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
