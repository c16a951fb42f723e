import type { Role } from '../../../webhook/core/role.ts';
import type { IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import { HIDDEN_SPELLINGS } from '../../conformance/hidden-spellings.ts';
import type { IngressRequest } from './requests.ts';

/** One request and who must answer it, for every kind of ingress; an exception carries its reason. */
export interface Row {
  readonly what: string;
  readonly request: IngressRequest;
  readonly to: Role | 'refused';
  readonly except?: Partial<Record<IngressKind, { readonly to: Role | 'refused'; readonly why: string }>>;
  /** The outcome is due to the SNI, of which the decision knows nothing. */
  readonly bySni?: true;
  /** The Service breaks off without an answer, and must not be asked again. */
  readonly broken?: true;
}

const HOST = 'test.wikipedia.org';
const GATEWAY = 'mw-pretrain.discovery.wmnet';
const LOCAL_GATEWAY = 'mw-pretrain.svc.codfw.wmnet';
const JOBS = 'mw-pretrain-jobrunner.discovery.wmnet';
const RUN = '/rpc/RunSingleJob.php';

const NO_DOT = { to: 'refused', why: 'its objects take no name with a trailing dot' } as const;
const CONTOUR_421 = { to: 'refused', why: 'Contour answers 421 where SNI and Host differ' } as const;
const ANY_SNI = { to: 'web', why: 'a listener has one name or takes all; Host alone decides' } as const;

const page = { sni: HOST, host: HOST, path: '/wiki/X?a=b%2Fc' };

function debug(value: string, to: Role): Row {
  const headers = { 'X-Wikimedia-Debug': value };
  return { what: `the debug header ${JSON.stringify(value)}`, request: { ...page, headers }, to };
}

/** Every spelling of the path by which a web server might still find the script. */
const SPELLINGS = [
  ...['', '?x=1', '/', '/x', '//', '%2f', '%2Fx', '/..%2f..'].map((tail) => `${RUN}${tail}`),
  ...HIDDEN_SPELLINGS,
  '/x%2f../rpc/RunSingleJob.php',
  '/rpc/x/..//RunSingleJob.php',
  `http://${HOST}${RUN}`,
];

export const TABLE: readonly Row[] = [
  { what: 'the host', request: page, to: 'web' },
  { what: 'the host in capitals', request: { ...page, host: 'TEST.Wikipedia.ORG' }, to: 'web' },
  { what: 'with a port', request: { ...page, host: `${HOST}:30443` }, to: 'web' },
  {
    what: 'with a trailing dot',
    request: { ...page, host: `${HOST}.` },
    to: 'web',
    except: { 'gateway-api': NO_DOT, ingress: NO_DOT },
  },
  {
    what: 'with a trailing dot and a port',
    request: { ...page, host: `${HOST}.:443` },
    to: 'web',
    except: { 'gateway-api': NO_DOT, ingress: NO_DOT },
  },
  { what: 'the SNI in capitals', request: { ...page, sni: 'TEST.wikipedia.org' }, to: 'web' },
  {
    what: 'the name of the gateway as SNI, as sidecars send it',
    request: { ...page, sni: GATEWAY },
    to: 'web',
    except: { ingress: CONTOUR_421 },
  },
  { what: "the gateway's own name", request: { ...page, sni: GATEWAY, host: GATEWAY }, to: 'web' },
  {
    what: 'its name in one data centre',
    request: { ...page, sni: LOCAL_GATEWAY, host: LOCAL_GATEWAY },
    to: 'web',
  },
  { what: 'another host', request: { ...page, sni: GATEWAY, host: 'en.wikipedia.org' }, to: 'refused' },
  { what: 'a longer host', request: { ...page, host: `${HOST}.evil.example` }, to: 'refused' },
  { what: 'a host in front', request: { ...page, host: `x${HOST}` }, to: 'refused' },
  { what: 'two trailing dots', request: { ...page, host: `${HOST}..` }, to: 'refused' },
  {
    what: 'an unknown SNI',
    request: { ...page, sni: 'en.wikipedia.org' },
    to: 'refused',
    bySni: true,
    except: { 'gateway-api': ANY_SNI },
  },
  {
    what: 'no SNI',
    request: { host: HOST, path: '/' },
    to: 'refused',
    bySni: true,
    except: { 'gateway-api': ANY_SNI },
  },
  debug('k8s-mw-pretrain', 'debug'),
  debug('backend=k8s-mw-pretrain', 'debug'),
  debug('k8s-mw-pretrain-eqiad', 'debug'),
  debug('log; backend=k8s-mw-pretrain-codfw; profile', 'debug'),
  debug('backend=K8S-MW-Pretrain', 'debug'),
  debug('backend=k8s-mwdebug', 'web'),
  debug('backend=k8s-mwdebug; backend=k8s-mw-pretrain', 'web'),
  debug('k8s-mw-pretrain-staging', 'web'),
  debug('1', 'web'),
  ...SPELLINGS.map(
    (path): Row => ({
      what: `POST ${path} from outside`,
      request: { ...page, path, method: 'POST' },
      to: 'refused',
    }),
  ),
  {
    what: 'a job for debug',
    request: { ...page, path: RUN, method: 'POST', headers: { 'X-Wikimedia-Debug': 'k8s-mw-pretrain' } },
    to: 'refused',
  },
  {
    what: "a job under the web gateway's name",
    request: { sni: GATEWAY, host: GATEWAY, path: RUN, method: 'POST' },
    to: 'refused',
  },
  { what: 'a path that only looks like it', request: { ...page, path: '/rpc/RunSingleJob.phpx' }, to: 'web' },
  { what: 'a job', request: { sni: JOBS, host: JOBS, path: RUN, method: 'POST' }, to: 'jobrunner' },
  {
    what: 'a job, in capitals and with a port',
    request: { sni: JOBS, host: `${JOBS.toUpperCase()}:30443`, path: RUN, method: 'POST' },
    to: 'jobrunner',
  },
  {
    what: 'a job that fails, whose caller asks for retries',
    request: {
      sni: JOBS,
      host: JOBS,
      path: RUN,
      method: 'POST',
      headers: { 'x-stage-status': '503', 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '3' },
    },
    to: 'jobrunner',
  },
  {
    what: 'a job whose pod dies',
    request: { sni: JOBS, host: JOBS, path: RUN, method: 'POST', headers: { 'x-stage-break': '1' } },
    to: 'jobrunner',
    broken: true,
  },
  {
    what: 'a job that takes longer than controllers wait by default',
    request: { sni: JOBS, host: JOBS, path: RUN, method: 'POST', headers: { 'x-stage-delay-ms': '17000' } },
    to: 'jobrunner',
  },
  { what: 'a job, by GET', request: { sni: JOBS, host: JOBS, path: RUN }, to: 'refused' },
  {
    what: 'a job below the path',
    request: { sni: JOBS, host: JOBS, path: `${RUN}/x`, method: 'POST' },
    to: 'refused',
  },
  {
    what: 'the health check',
    request: { sni: JOBS, host: JOBS, path: '/w/health-check.php?x' },
    to: 'jobrunner',
  },
  { what: 'a page from the job runners', request: { sni: JOBS, host: JOBS, path: '/wiki/X' }, to: 'refused' },
  {
    what: 'a job for the diverted host, by the SNI of the job gateway',
    request: { sni: JOBS, host: HOST, path: RUN, method: 'POST' },
    to: 'refused',
  },
  {
    what: 'a page of the diverted host, by the SNI of the job gateway',
    request: { ...page, sni: JOBS },
    to: 'refused',
    bySni: true,
  },
  {
    what: 'a job by the SNI of the diverted host',
    request: { sni: HOST, host: JOBS, path: RUN, method: 'POST' },
    to: 'refused',
    bySni: true,
  },
  {
    what: 'a job by the SNI of the web gateway',
    request: { sni: GATEWAY, host: JOBS, path: RUN, method: 'POST' },
    to: 'refused',
    bySni: true,
  },
  {
    what: 'a job without SNI',
    request: { host: JOBS, path: RUN, method: 'POST' },
    to: 'refused',
    bySni: true,
  },
];
