import type { About } from './about.ts';

/** Who is asked, and how it is known. */
export const TRUST = {
  'sni-missing': {
    title: 'No SNI is set: a shared gateway may present any certificate, or close the connection.',
    remedy: 'set the SNI of the target',
    severity: 'error',
  },
  'sni-differs': {
    title: 'The SNI is not that of the target.',
    remedy: 'set the SNI of the target',
    severity: 'error',
  },
  'sni-by-wildcard': {
    title: 'The SNI of a target is served by a wildcard, perhaps of another owner.',
    remedy: 'register the exact name at its gateway',
    severity: 'error',
  },
  'sni-unserved': {
    title: 'An SNI of the other environment is not registered at any gateway.',
    remedy: 'add it to the gateway, with its certificate',
    severity: 'error',
  },
  'ingress-sni-differs': {
    title:
      'Plain Ingress gets requests whose SNI differs from their Host; Contour and similar controllers refuse them.',
    remedy:
      'choose another kind of ingress, or write the diverted host as SNI, with a diversion for each host',
    severity: 'warning',
  },
  'read-only-name': {
    title: 'A read-only name of the other environment is used; no gateway serves it.',
    remedy: 'use the name of the gateway',
    severity: 'error',
  },
  'connections-shared': {
    title: 'Connections are shared between requests for different SNI.',
    remedy: 'match connections by host and SNI, not by address alone',
    severity: 'error',
  },
  'certificate-names-missing': {
    title: 'No certificate name is verified.',
    remedy: 'verify the names that the target declares',
    severity: 'error',
  },
  'certificate-names-differ': {
    title: 'Another certificate name is verified than the declared ones.',
    remedy: 'verify the names that the target declares',
    severity: 'error',
  },
  'name-unverified': {
    title: 'The SNI of a target is not one of its certificate names.',
    remedy: 'add it to certificateNames',
    severity: 'warning',
  },
  'authority-file-missing': {
    title: 'TLS is not verified: no CA is configured, or a failed verification is ignored.',
    remedy: 'name the CA file, and enforce verification',
    severity: 'error',
  },
  'authority-file-differs': {
    title: 'Another CA file is used than the declared one.',
    remedy: 'name the declared CA file',
    severity: 'error',
  },
  'target-plaintext': {
    title: 'Requests to the other environment are not encrypted.',
    remedy: 'use TLS',
    severity: 'error',
  },
  'job-gateway-name': {
    title: "The job runners are reached by a name that is not their own gateway's.",
    remedy: 'give them an SNI and authority of their own',
    severity: 'error',
  },
} as const satisfies Readonly<Record<string, About>>;
