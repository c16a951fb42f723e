import type { IngressRequest } from './requests.ts';

/** One request to a production service behind the ingress; who must answer is what `decide` says, at the draw. */
export interface UpstreamRow {
  readonly what: string;
  readonly upstream: string;
  readonly request: IngressRequest;
  /** Istio decodes letters in a path, as RFC 3986 lets every hop do. */
  readonly arrivesAt?: string;
  /** Takes so long that once is enough. */
  readonly slow?: true;
  /** The Service breaks off without an answer, and must not be asked again. */
  readonly broken?: true;
}

const HOST = 'test.wikipedia.org';
const OTHER = 'en.wikipedia.org';
const RUN = '/rpc/RunSingleJob.php';

interface Service {
  readonly upstream: string;
  readonly name: string;
  readonly port: number;
}

const API: Service = { upstream: 'mw-api-int', name: 'mw-api-int.discovery.wmnet', port: 4446 };
const READ_ONLY: Service = { ...API, upstream: 'mw-api-int-ro', name: 'mw-api-int-ro.discovery.wmnet' };
const JOBS: Service = { upstream: 'mw-jobrunner', name: 'mw-jobrunner.discovery.wmnet', port: 4448 };

type Rest = Partial<IngressRequest>;

function row(service: Service, what: string, rest: Rest = {}): UpstreamRow {
  const job = service === JOBS ? { method: 'POST', path: RUN } : { path: '/w/api.php?action=query' };
  const request = { sni: service.name, host: HOST, port: service.port, ...job, ...rest };
  return { what: `${service.upstream}: ${what}`, upstream: service.upstream, request };
}

/** Forms that name the diverted host, and others that only look like it. */
const FORMS = [
  HOST,
  'TEST.Wikipedia.ORG',
  `${HOST}:4446`,
  `${HOST}:30443`,
  `${HOST}.`,
  `${HOST}.:4448`,
  `${HOST}:`,
  OTHER,
  `${OTHER}:4448`,
  'EN.wikipedia.org.',
  `${HOST}..`,
  `x${HOST}`,
  `${HOST}.evil.example`,
  'wikipedia.org',
  'test.m.wikipedia.org',
  'mw-pretrain.discovery.wmnet',
  'mw-pretrain-jobrunner.discovery.wmnet',
  '10.2.2.90:4448',
  'localhost:6506',
];

/** Callers name the wiki (changeprop), nobody (meshes), the service, or something of theirs. */
function bySni(service: Service): UpstreamRow[] {
  const names = [HOST, OTHER, service.name, 'mw-pretrain.discovery.wmnet', 'example.org'];
  return [HOST, OTHER].flatMap((host) => [
    ...names.map((sni) => row(service, `Host ${host} by SNI ${sni}`, { sni, host })),
    withoutSni(row(service, `Host ${host} without SNI`, { host })),
  ]);
}

function withoutSni(row: UpstreamRow): UpstreamRow {
  const { sni: _sni, ...request } = row.request;
  return { ...row, request };
}

const RETRIES = { 'x-stage-status': '503', 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '3' };

function jobsOf(host: string): UpstreamRow[] {
  return [
    row(JOBS, `a job of ${host} that fails, whose caller asks for retries`, { host, headers: RETRIES }),
    {
      ...row(JOBS, `a job of ${host} whose pod dies`, { host, headers: { 'x-stage-break': '1' } }),
      broken: true,
    },
    {
      ...row(JOBS, `a job of ${host} that takes longer than proxies wait by default`, {
        host,
        headers: { 'x-stage-delay-ms': '17000' },
      }),
      slow: true,
    },
    row(JOBS, `a job of ${host} whose caller asks for a short time`, {
      host,
      headers: { 'x-stage-delay-ms': '1500', 'x-envoy-upstream-rq-timeout-ms': '300' },
    }),
    row(JOBS, `a health check of ${host}`, { host, method: 'GET', path: '/w/health-check.php?x' }),
    row(JOBS, `a page of ${host}`, { host, method: 'GET', path: '/wiki/X' }),
    row(JOBS, `a job of ${host} by GET`, { host, method: 'GET' }),
    row(JOBS, `a job of ${host} below the path`, { host, path: `${RUN}/x` }),
    row(JOBS, `a job of ${host} with a query`, { host, path: `${RUN}?x=1` }),
  ];
}

function callsOf(host: string): UpstreamRow[] {
  const debug = (value: string): Rest => ({ host, headers: { 'X-Wikimedia-Debug': value } });
  return [
    row(API, `a job of ${host}`, { host, method: 'POST', path: RUN }),
    {
      ...row(API, `a job of ${host}, spelt otherwise`, {
        host,
        method: 'POST',
        path: '/rpc//RunSingle%4aob.php',
      }),
      arrivesAt: '/rpc//RunSingleJob.php',
    },
    row(API, `debugging ${host}`, debug('backend=k8s-mw-pretrain; log')),
    row(API, `debugging ${host} elsewhere`, debug('backend=k8s-mwdebug')),
    row(API, `an edit of ${host}`, { host, method: 'POST', path: '/w/api.php' }),
    row(API, `a failing call of ${host}`, { host, headers: { 'x-stage-status': '503' } }),
    {
      ...row(API, `a call of ${host} whose pod dies`, { host, headers: { 'x-stage-break': '1' } }),
      broken: true,
    },
  ];
}

export const UPSTREAM_TABLE: readonly UpstreamRow[] = [
  ...[API, JOBS].flatMap((service) => FORMS.map((host) => row(service, `Host ${host}`, { host }))),
  ...[API, JOBS].flatMap(bySni),
  ...[HOST, OTHER].map((host) => row(READ_ONLY, `Host ${host}`, { host })),
  ...[HOST, OTHER].flatMap((host) => [...jobsOf(host), ...callsOf(host)]),
];

/** What must not be had at the common port of the ingress, where outside traffic arrives. */
export const COMMON_PORT: readonly IngressRequest[] = [
  ...[JOBS.name, API.name, HOST].flatMap((sni) =>
    [JOBS.name, API.name, HOST, OTHER].map((host) => ({ sni, host, method: 'POST', path: RUN })),
  ),
];
