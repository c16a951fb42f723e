import type { About } from './about.ts';

/** What becomes of requests for diverted hosts, and of those for others. */
export const ROUTING = {
  'host-missed': {
    title: 'A diverted host is not diverted.',
    remedy: 'match the declared hosts, as `shunt render` and `shunt divert` do',
    severity: 'error',
  },
  'host-misses-case': {
    title: 'The match of a diverted host does not accept upper case.',
    remedy: 'match without regard to case',
    severity: 'error',
  },
  'host-misses-port': {
    title: 'The match of a diverted host does not accept a port.',
    remedy: 'also match `:` and digits after the host',
    severity: 'error',
  },
  'host-misses-dot': {
    title: 'The match of a diverted host does not accept a trailing dot.',
    remedy: 'also match one dot after the host',
    severity: 'warning',
  },
  'host-too-wide': {
    title: 'Hosts that are not declared are diverted.',
    remedy: 'match the whole name, and escape its dots',
    severity: 'error',
  },
  'route-not-diverted': {
    title: 'A route goes to a declared upstream, and is not diverted.',
    remedy: 'divert the configuration, or render it again',
    severity: 'error',
  },
  'route-behind': {
    title: 'A diverted route comes after the route that it should precede.',
    remedy: 'put it directly in front of the route to production',
    severity: 'error',
  },
  'route-shadowed': {
    title: 'A route never matches, because an earlier one takes every request.',
    remedy: 'put the route that takes every request last',
    severity: 'warning',
  },
  'route-blind': {
    title: 'A route goes to a declared upstream in a way that cannot be diverted by Host.',
    remedy: 'rewrite the route, or divert at another edge',
    severity: 'error',
  },
  'wrong-target': {
    title: 'A diverted request does not go to its target.',
    remedy: 'route it to the target of its upstream',
    severity: 'error',
  },
  'target-unserved': {
    title: 'No gateway serves this target.',
    remedy: 'serve the names of the target at the gateway, with routes',
    severity: 'error',
  },
  'name-unserved': {
    title: 'No gateway serves a declared name of the other environment.',
    remedy: 'serve it, or remove it from the declared hosts',
    severity: 'warning',
  },
  'allow-list-open': {
    title: 'A request that is not on the allow-list is passed on to the target.',
    remedy: 'refuse all other requests, after the routes of the allow-list',
    severity: 'error',
  },
  'allow-list-closed': {
    title: 'A request that is on the allow-list is not passed on to the target.',
    remedy: 'add a route for each request of the allow-list',
    severity: 'error',
  },
  'refused-path-open': {
    title: 'A path that must be refused to outside traffic is served.',
    remedy: 'refuse it before every other route, in all its spellings',
    severity: 'error',
  },
  'job-reachable-outside': {
    title: 'The job runner can be reached from outside.',
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
    title: 'A debug header for another backend goes to the debug backend of the other environment.',
    remedy: 'match the names of the backends as a whole',
    severity: 'error',
  },
  'alias-undeclared': {
    title: 'An alias at the CDN is for a host that is not diverted.',
    remedy: 'use it for a declared host, declare that host, or remove the alias',
    severity: 'warning',
  },
  'static-path': {
    title: 'A declared path never arrives with a diverted host.',
    remedy: "remove it; the CDN's front sends such paths with another wiki's Host",
    severity: 'warning',
  },
  'diverted-twice': {
    title: "Requests are diverted twice: by the caller's proxy and by the ingress.",
    remedy: 'divert in one place: revert the diversion at the callers, or choose topology pods',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
