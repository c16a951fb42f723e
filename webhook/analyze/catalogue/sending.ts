import type { About } from './about.ts';

/** How diverted requests are sent. */
export const SENDING = {
  'job-timeout': {
    title: 'The timeout is shorter than the longest job.',
    remedy: "set the route's timeout to the target's timeout",
    severity: 'error',
  },
  'job-idle-timeout': {
    title: 'The idle timeout is shorter than the longest job, so a silent job is cut.',
    remedy: "set the route's idle timeout to the target's timeout",
    severity: 'error',
  },
  'job-retries': {
    title: 'A job may be retried, and so run twice.',
    remedy: 'switch retries off explicitly, since the default is to retry',
    severity: 'error',
  },
  'caller-retries': {
    title: 'A caller may ask for retries of a job.',
    remedy: 'remove the headers by which callers ask for retries',
    severity: 'error',
  },
  'job-cut-in-production': {
    title: 'A route to the job runners of production cuts or retries jobs.',
    remedy: 'give it the timeout of the job runners and no retries',
    severity: 'warning',
  },
  mirrored: {
    title: 'A diverted request is also mirrored to another cluster.',
    remedy: 'switch the mirror off for diverted routes',
    severity: 'error',
  },
  'production-fallback': {
    title: 'A diverted request may end in production.',
    remedy: 'route it to the target alone',
    severity: 'error',
  },
  'authority-not-canonical': {
    title: 'The authority is sent as received, not in canonical form.',
    remedy: 'rewrite it to the host without port and dot',
    severity: 'error',
  },
  'authority-not-rewritten': {
    title: "The authority is not rewritten to the gateway's own name.",
    remedy: 'rewrite the authority to the one that the target declares',
    severity: 'error',
  },
  'authority-lost': {
    title: 'The authority is rewritten to another name than the diverted host.',
    remedy: 'do not rewrite the authority',
    severity: 'error',
  },
  'share-not-live': {
    title: 'A diverted route does not follow the live share.',
    remedy: 'give it the runtime key of the diversion, and a layer that reads it',
    severity: 'error',
  },
  'share-differs': {
    title: 'A route diverts another share than declared.',
    remedy: 'write the declared share',
    severity: 'error',
  },
  'share-by-connection': {
    title: 'The share is decided by connection, not by client.',
    remedy: 'declare the header that names the client',
    severity: 'warning',
  },
  'cluster-missing': {
    title: 'A route goes to a cluster that does not exist.',
    remedy: 'add the cluster, or render the configuration again',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
