/** Why a request goes where it goes: one catalogue for `explain`, its documentation and the tests. */
export const REASONS = {
  diverted: 'host and upstream are both diverted',
  'diverted-by-path': 'the path names a diverted host, and the upstream is diverted',
  'path-not-diverted': 'the path names the host here, and that host is not diverted',
  'host-not-diverted': 'the host is not one of the diverted hosts',
  'diversion-disabled': 'the diversion is switched off (enabled: false)',
  'outside-share': 'the request falls outside the share that is diverted',
  'upstream-not-declared': 'the edge sends this request to a service that the diversion does not name',
  'edge-not-declared': 'the diversion does not declare this edge, so nothing is rendered for it',
  'upstream-not-diverted': 'this edge does not divert this upstream',
  'not-in-allow-list': 'the target takes only the requests on its allow-list',
  'refused-outside': 'this path is refused to traffic from outside',
  'debug-backend-unknown': 'the debug header names no backend of the other environment',
  'no-such-target': 'the diversion declares no target for this request',
} as const;

export type ReasonCode = keyof typeof REASONS;
