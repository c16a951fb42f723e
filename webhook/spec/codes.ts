/** Every kind of problem that a diversion can have; documentation and code are held equal by a test. */
export const CODES = {
  'yaml-syntax': 'The text is no YAML.',
  'too-large': 'The text is larger than a ConfigMap can be.',
  'not-a-diversion': 'The file is empty, or no mapping.',
  'unknown-key': 'A key that the format does not have, mostly a misspelling.',
  missing: 'A required key is absent.',
  'wrong-type': 'A value is of another type than the key takes.',
  'out-of-range': 'A number or a list is smaller or larger than it may be: a port, a percentage, a count.',
  'not-one-of': 'A value is none of the words that the key takes.',
  'bad-format': 'A text is not of the form that the key takes.',
  'host-invalid': 'A host is no exact DNS name.',
  'host-wildcard': 'A host is a pattern; only exact names can be diverted.',
  'host-duplicate': 'Two hosts are the same name once case, port and trailing dot are put aside.',
  'target-missing': 'An upstream, or a Service of the ingress, is for a target that is not declared.',
  'jobs-retried': 'A jobrunner target or upstream retries; a job must never run twice.',
  'jobs-cut-short': 'A jobrunner target or upstream has a timeout in which a long job is cut.',
  'jobs-unrestricted': 'A jobrunner target has no allow-list; it would pass on any request.',
  'jobs-authority-preserved':
    'A jobrunner target keeps the wiki as authority, to which its gateway does not answer.',
  'upstream-ambiguous': 'Two upstreams have the same address and port but differ in their target.',
  'upstream-is-target': 'An upstream has the address and port of a target; the diversion would feed itself.',
  'upstream-unknown':
    'A workload, the edge knative or a service behind the ingress names an upstream that is not declared.',
  'sni-missing': 'An upstream is reached by IP address, and no name is given to verify it by.',
  'listener-overlap': 'Two listeners stand on the same local port.',
  'listener-missing': 'A workload uses an upstream that has no listener port.',
  repeated:
    'An upstream, a captured folder or a captured file of a workload, or a port of the mesh, stands there twice.',
  'origin-ambiguous': 'Two upstreams of one workload have the same address and port.',
  'workload-overlap': 'One pod could match two workloads.',
  'debug-target-missing': 'Debug backends are declared, but no debug target.',
  'gateway-path-host':
    'A path of the REST gateway and the host that it names do not have {name} once each, or neither.',
  'gateway-name-diverted':
    'A name of the REST gateway is a diverted host; Host could not say which is meant.',
  'ingress-service-missing': 'A target is declared, but no Service that its gateway at the ingress leads to.',
  'ingress-name-shared': 'Two gateways at the ingress would answer to the same name; only one of them would.',
  'knative-target':
    'The upstream of the edge knative goes to a target that takes certain requests only, or rewrites the authority.',
  'ingress-all-alone':
    'Services stand behind the ingress, but it is not declared what else the ingress needs.',
  'ingress-all-mixed':
    'Upstreams of one service behind the ingress are called at different ports or have different targets.',
  'ingress-all-port-shared':
    'Two services behind the ingress are called at the same port, or one at that of the ingress itself.',
  'duration-too-long': 'A duration is longer than a year.',
} as const;

export type ProblemCode = keyof typeof CODES;
