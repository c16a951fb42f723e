import type { About } from './about.ts';

/** How diverted requests are sent. */
export const SENDING = {
  'job-timeout': {
    title: 'A job is cut before it may end.',
    remedy: "give the route the target's own timeout",
    severity: 'error',
  },
  'job-idle-timeout': {
    title: 'A job that says nothing for a while is cut.',
    remedy: "give the route an idle timeout of the target's timeout",
    severity: 'error',
  },
  'job-retries': {
    title: 'A job may be sent twice.',
    remedy: 'switch retries off in words, since silence means retries',
    severity: 'error',
  },
  'caller-retries': {
    title: 'A caller may ask for retries of a job.',
    remedy: 'remove the headers by which it could',
    severity: 'error',
  },
  'job-cut-in-production': {
    title: 'A route to the job runners of production cuts or repeats jobs.',
    remedy: 'give it the timeout of the job runners and no retries',
    severity: 'warning',
  },
  mirrored: {
    title: 'A diverted request is sent to a second place as well.',
    remedy: 'switch the mirror off for diverted routes',
    severity: 'error',
  },
  'production-fallback': {
    title: 'A diverted request may end in production.',
    remedy: 'lead it to the target alone',
    severity: 'error',
  },
  'authority-not-canonical': {
    title: 'The authority is sent as it came.',
    remedy: 'write the host without port and dot',
    severity: 'error',
  },
  'authority-not-rewritten': {
    title: "A request is not sent under its gateway's own name.",
    remedy: 'rewrite the authority to the one that the target declares',
    severity: 'error',
  },
  'authority-lost': {
    title: 'A request is sent under a name that is not the diverted host.',
    remedy: 'leave the authority as it is',
    severity: 'error',
  },
  'share-not-live': {
    title: 'A diverted route does not follow the live share.',
    remedy: 'give it the runtime key of the diversion, and a layer that reads it',
    severity: 'error',
  },
  'share-differs': {
    title: 'A route diverts another share than the declared one.',
    remedy: 'write the declared share',
    severity: 'error',
  },
  'share-by-connection': {
    title: 'The share is decided by connection, not by client.',
    remedy: 'declare the header that names the client',
    severity: 'warning',
  },
  'cluster-missing': {
    title: 'A route leads to a cluster that is not there.',
    remedy: 'add the cluster, or render the configuration anew',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
