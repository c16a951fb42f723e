import type { Plan } from '../../webhook/edges/plan.ts';
import { type HostForm, hostForms, plain } from './forms.ts';
import { HIDDEN_SPELLINGS } from './hidden-spellings.ts';
import type { ConformanceRequest } from './request.ts';
import { type Plainly, sniRequests } from './sni-forms.ts';

const SCRIPT = '/rpc/RunSingleJob.php';

/** Spellings of the path that traffic from outside never reaches, and neighbours that it does reach. */
export const PATHS: readonly string[] = [
  ...['', '?x=1', '/', '/x', '//', '%2f', '%2Fx', '/..%2f..', 'x', ';x', '%3Fx'].map(
    (tail) => `${SCRIPT}${tail}`,
  ),
  ...HIDDEN_SPELLINGS,
  '/rpc/x/..//RunSingleJob.php',
  '/RPC/runsinglejob.PHP',
  '/rpc/',
  '/w/health-check.php',
];

/** Methods that one proxy or the other might treat by themselves. */
const METHODS = ['PURGE', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;

/** Values of the debug header: backends of the other environment, of this one, and what only looks like one. */
export const DEBUG_VALUES: readonly string[] = [
  'k8s-mw-pretrain',
  'backend=k8s-mw-pretrain',
  'backend=k8s-mw-pretrain-eqiad',
  'backend=K8S-MW-Pretrain',
  'log; backend=k8s-mw-pretrain-codfw; profile',
  'xbackend=k8s-mw-pretrain',
  'backend=k8s-mwdebug',
  'backend=k8s-mwdebug; backend=k8s-mw-pretrain',
  'backend=k8s-mw-pretrain; backend=k8s-mwdebug',
  'backend =k8s-mw-pretrain',
  'backend=k8s-mw-pretrain-esams',
  'backend=',
  'k8s-mw-pretrain.',
  '1',
  '',
];

/** Every row for one diverted host: forms of the host itself, then SNI, paths, and debug headers. */
export function rowsFor(plan: Plan, host: string, plainly: Plainly): readonly ConformanceRequest[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  return [
    ...hostForms(host).map((form) => ({ ...plainly, form })),
    ...sniRequests(plan, host, plainly),
    ...[host, other].flatMap((name) => PATHS.map((path) => pathRow(name, path, plainly))),
    ...METHODS.flatMap((method) =>
      [host, other].map((name) => ({ ...plainly, form: named(name, `${method} for ${name}`), method })),
    ),
    ...[host, `${host}.:443`, other].flatMap((name) =>
      DEBUG_VALUES.map((value) => debugRow(plan, name, value, plainly)),
    ),
  ];
}

function pathRow(host: string, path: string, plainly: Plainly): ConformanceRequest {
  const method = path === '/w/health-check.php' ? 'GET' : 'POST';
  return { ...plainly, form: named(host, `path ${method} ${path} for ${host}`), method, path };
}

function debugRow(plan: Plan, host: string, value: string, plainly: Plainly): ConformanceRequest {
  const name = plan.edges.debug?.header ?? '';
  const form = named(host, `debug header ${JSON.stringify(value)} for ${host}`);
  return { ...plainly, form, headers: { ...plainly.headers, [name]: value } };
}

function named(host: string, name: string): HostForm {
  return { ...plain('', host), name };
}
