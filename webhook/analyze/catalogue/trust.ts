import type { About } from './about.ts';

/** Who is asked, and how it is known. */
export const TRUST = {
  'sni-missing': {
    title: 'No SNI is set, so a shared gateway answers for whom it likes, or not at all.',
    remedy: 'set the SNI of the target',
    severity: 'error',
  },
  'sni-differs': {
    title: 'The SNI is not that of the target.',
    remedy: 'set the SNI of the target',
    severity: 'error',
  },
  'sni-by-wildcard': {
    title: "The SNI of a target is answered by a wildcard, perhaps somebody else's.",
    remedy: 'register the exact name at the gateway that it is for',
    severity: 'error',
  },
  'sni-unserved': {
    title: 'A name by which the other environment is asked is registered at no gateway.',
    remedy: 'add it to the gateway, with its certificate',
    severity: 'error',
  },
  'ingress-sni-differs': {
    title: 'Plain Ingress serves a host that is asked for by another SNI, which Contour and its like refuse.',
    remedy:
      'choose another kind of ingress, or write the diverted host as SNI, with a diversion for each host',
    severity: 'warning',
  },
  'read-only-name': {
    title: 'A name of the other environment is used that is no gateway host.',
    remedy: 'use the name of the gateway',
    severity: 'error',
  },
  'connections-shared': {
    title: 'Connections are shared between requests for different SNI.',
    remedy: 'match connections by host and SNI, not by address alone',
    severity: 'error',
  },
  'certificate-names-missing': {
    title: 'No certificate name is expected.',
    remedy: 'expect the names that the target declares',
    severity: 'error',
  },
  'certificate-names-differ': {
    title: 'Another certificate name is expected than the declared ones.',
    remedy: 'expect the names that the target declares',
    severity: 'error',
  },
  'name-unverified': {
    title: 'The SNI of a target is none of its certificate names.',
    remedy: 'add it to certificateNames',
    severity: 'warning',
  },
  'authority-file-missing': {
    title: 'TLS is not verified: no authority is trusted, or failing it has no consequence.',
    remedy: 'name the CA file, and enforce verification',
    severity: 'error',
  },
  'authority-file-differs': {
    title: 'Another CA file is trusted than the declared one.',
    remedy: 'name the declared CA file',
    severity: 'error',
  },
  'target-plaintext': {
    title: 'Requests to the other environment are not encrypted.',
    remedy: 'speak TLS to it',
    severity: 'error',
  },
  'job-gateway-name': {
    title: "The job runners are asked under a name that is not their own gateway's.",
    remedy: 'give them an SNI and authority of their own',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
