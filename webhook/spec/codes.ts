/** Every kind of problem that a diversion can have; documentation and code are held equal by a test. */
export const CODES = {
  'yaml-syntax': 'The text is not valid YAML.',
  'too-large': 'The text is larger than a ConfigMap can be.',
  'not-a-diversion': 'The file is empty, or not a mapping.',
  'unknown-key': 'The format does not have this key; it may be misspelt.',
  missing: 'A required key is absent.',
  'wrong-type': 'A value has the wrong type.',
  'out-of-range': 'A number is too small or too large, or a list has too few or too many entries.',
  'not-one-of': 'A value is not one of the allowed words.',
  'bad-format': 'A text does not have the required form.',
  'host-invalid': 'A host is not an exact DNS name.',
  'host-wildcard': 'A host is a pattern; only exact names can be diverted.',
  'host-duplicate': 'Two hosts are the same name, apart from case, port and trailing dot.',
  'target-missing': 'An upstream, or a Service of the ingress, is for a target that is not declared.',
  'jobs-retried': 'A jobrunner target or upstream retries; a job must never run twice.',
  'jobs-cut-short': 'The timeout of a jobrunner target or upstream is shorter than the longest job.',
  'jobs-unrestricted': 'A jobrunner target has no allow-list; it would pass on any request.',
  'jobs-authority-preserved':
    'A jobrunner target preserves the authority, but its gateway serves only its own name.',
  'upstream-ambiguous': 'Two upstreams have the same address and port but differ in their target.',
  'upstream-is-target': 'An upstream has the address and port of a target; the diversion would be a loop.',
  'upstream-unknown':
    'A workload, the edge knative or a service behind the ingress names an upstream that is not declared.',
  'sni-missing':
    'The first address of an upstream is an IP address, and no name is given to verify its certificate.',
  'listener-overlap': 'Two listeners have the same local port.',
  'listener-missing': 'A workload uses an upstream that has no listener port.',
  repeated:
    'An upstream, a captured folder or a captured file of a workload, or a port of the mesh, is listed twice.',
  'origin-ambiguous': 'Two upstreams of one workload have the same address and port.',
  'workload-overlap': 'One pod could match two workloads.',
  'debug-target-missing': 'Debug backends are declared, but no debug target.',
  'gateway-path-host':
    'A path of the REST gateway and its host must both contain {name} once, or both not contain it.',
  'gateway-name-diverted': 'A name of the REST gateway is also a diverted host, so Host is ambiguous.',
  'ingress-service-missing': 'A target is declared, but not the Service behind its gateway at the ingress.',
  'ingress-name-shared': 'Two gateways at the ingress would serve the same name.',
  'knative-target':
    'The target of the edge knative has an allow-list or rewrites the authority; both are not possible there.',
  'ingress-all-alone': 'Services behind the ingress are declared, but the settings of the ingress are not.',
  'ingress-all-mixed':
    'Upstreams of one service behind the ingress are called at different ports or have different targets.',
  'ingress-all-port-shared':
    'Two services behind the ingress have the same port, or one has the port of the ingress itself.',
  'duration-too-long': 'A duration is longer than a year.',
} as const;

export type ProblemCode = keyof typeof CODES;
