import type { Plan } from '../../webhook/edges/plan.ts';
import { type HostForm, plain } from './forms.ts';
import type { ConformanceRequest } from './request.ts';

/** What a row is made from where it says nothing itself. */
export type Plainly = Omit<ConformanceRequest, 'form'>;

/** The name in the client hello against the host of the request: the host alone decides, or nobody answers. */
export function sniRequests(plan: Plan, host: string, plainly: Plainly): readonly ConformanceRequest[] {
  const other = `en.${host.split('.').slice(1).join('.')}`;
  const pages = [
    ...[host, host.toUpperCase(), `${host.charAt(0).toUpperCase()}${host.slice(1)}`].map((sni) =>
      formOf(sni, host),
    ),
    ...[host.toUpperCase(), `${host}:443`, `${host}.`, `${host}.:443`].map((value) => formOf(host, value)),
    ...sharedNames(plan).flatMap((name) => [formOf(name, host), formOf(name, name), formOf(name, other)]),
    ...strange(host, other).map((sni): HostForm => ({ ...formOf(sni, host), refusable: true })),
    ...[other, `${host}.evil.example`, `x${host}`, ''].map((value) => formOf(host, value)),
    formOf(other, other),
    formOf('', other),
    { ...overHttp2(host, host), name: `SNI ${host}, HTTP/2 :authority ${host}` },
    { ...overHttp2(other, host), refusable: true as const },
    { ...overHttp2('', host), refusable: true as const },
    overHttp2(host, other),
  ];
  return [...pages.map((form) => ({ ...plainly, form })), ...jobs(plan, host, plainly)];
}

/** Names in the hello for which a gateway that knows them not may end the handshake. */
function strange(host: string, other: string): string[] {
  const domain = host.split('.').slice(1).join('.');
  return ['', `${host}.`, other, domain, `x${host}`, `www.${host}`, `${host}.evil.example`, 'evil.example'];
}

/** Names of the targets that are reached under the diverted host. */
function sharedNames(plan: Plan): string[] {
  return [...new Set(plan.targets.filter(({ authority }) => authority === 'preserve').map(({ sni }) => sni))];
}

/** The targets that are reached under a name of their own: nothing comes to them by another. */
function jobs(plan: Plan, host: string, plainly: Plainly): ConformanceRequest[] {
  return plan.targets.flatMap(({ sni, authority, allow }) => {
    const [allowed] = allow ?? [];
    if (authority === 'preserve' || !allowed) return [];
    const job = { ...plainly, ...allowed };
    return [
      { ...job, form: { ...formOf(sni, authority), name: `SNI ${sni}, job for ${authority}` } },
      {
        ...job,
        form: { ...formOf(sni, host), name: `SNI ${sni}, job for ${host}`, refusable: true as const },
      },
      { ...plainly, form: { ...formOf(sni, host), refusable: true as const } },
      ...[host, ...sharedNames(plan), ''].map((name) => ({
        ...job,
        form: {
          ...formOf(name, authority),
          name: `SNI ${name}, job for ${authority}`,
          refusable: true as const,
        },
      })),
    ];
  });
}

function formOf(sni: string, value: string): HostForm {
  return { ...plain('SNI', value), name: `SNI ${JSON.stringify(sni)}, Host ${JSON.stringify(value)}`, sni };
}

function overHttp2(sni: string, authority: string): HostForm {
  const name = `SNI ${JSON.stringify(sni)}, HTTP/2 :authority ${authority}`;
  return { name, protocol: 'http/2', authority, hosts: [], effective: authority, sni };
}
