import type { Target } from '../../core/diversion.ts';
import type { Json } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import type { CheckCode } from '../catalogue/catalogue.ts';
import { at } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { keysOf } from './lua-table.ts';

type Flawed = Omit<Coded, 'file'>;

const HTTP = 'proxy.config.http';
const TLS = 'proxy.config.ssl.client';

/** What is wrong with how one target stands in the data of a script. */
export function targetFlaws(plan: Plan, data: Json, target: Target): Flawed[] {
  const needed =
    plan.upstreams.some(({ target: own }) => own.role === target.role) ||
    (target.role === 'debug' && plan.edges.debug);
  const written = at(data, 'targets', target.role);
  const path = `data.targets.${target.role}`;
  if (!needed) return [];
  if (written === undefined) return [flaw('wrong-target', { path, message: `has no target ${target.role}` })];
  return [
    ...placeFlaws(target, written),
    ...settingFlaws(target, written),
    ...allowFlaws(target, written),
  ].map((flaw) => ({ path, ...flaw }));
}

type Bare = Omit<Flawed, 'path'>;

type Setting = readonly [
  code: CheckCode,
  name: string,
  isRight: (value: Json | undefined) => boolean,
  message: string,
];

function placeFlaws({ address, port, authority, role }: Target, written: Json): Bare[] {
  const given = at(written, 'authority');
  const wanted = authority === 'preserve' ? undefined : authority;
  return [
    ...(at(written, 'address') === address && at(written, 'port') === port
      ? []
      : [
          flaw('wrong-target', {
            value: at(written, 'address'),
            message: `leads elsewhere than to ${role} at ${address}:${port}`,
          }),
        ]),
    ...(given === wanted
      ? []
      : [
          flaw(wanted === undefined ? 'authority-lost' : 'authority-not-rewritten', {
            value: given,
            message: `sends another authority than ${wanted ?? 'the diverted host'}`,
          }),
        ]),
  ];
}

function settingFlaws(target: Target, written: Json): Bare[] {
  const seconds = Math.ceil(target.timeout / 1000);
  const atLeast = (value: Json | undefined): boolean => value === 0 || Number(value ?? -1) >= seconds;
  const jobs = target.role === 'jobrunner';
  const settings: readonly Setting[] = [
    [
      'sni-differs',
      `${TLS}.sni_policy`,
      (value) => value === `@${target.sni}`,
      `does not ask for ${target.sni}`,
    ],
    [
      'authority-file-missing',
      `${TLS}.verify.server.policy`,
      (value) => value === 'ENFORCED',
      'goes on when the certificate is wrong',
    ],
    [
      'certificate-names-missing',
      `${TLS}.verify.server.properties`,
      (value) => value === 'ALL',
      'does not verify both name and signature',
    ],
    [
      'authority-file-missing',
      `${TLS}.CA.cert.filename`,
      (value) => value === target.caFile,
      `does not trust ${target.caFile}`,
    ],
    [
      'connections-shared',
      `${HTTP}.server_session_sharing.match`,
      (value) => value === 'both,sni',
      'gives connections to requests for another SNI',
    ],
    [
      'cache-mixed',
      `${HTTP}.cache.http`,
      (value) => value === 0,
      'caches what one environment answered for the other as well',
    ],
    [
      'authority-lost',
      'proxy.config.url_remap.pristine_host_hdr',
      (value) => value === 1,
      'writes the address of the target over the Host',
    ],
    ...(jobs
      ? ([
          ['job-timeout', `${HTTP}.transaction_active_timeout_out`, atLeast, `cuts jobs before ${seconds} s`],
          [
            'job-idle-timeout',
            `${HTTP}.transaction_no_activity_timeout_out`,
            atLeast,
            `cuts jobs that say nothing before ${seconds} s`,
          ],
          [
            'job-retries',
            `${HTTP}.connect_attempts_max_retries`,
            (value) => value === 0,
            'may send a job again',
          ],
        ] as readonly Setting[])
      : []),
  ];
  return settings.flatMap(([code, name, isRight, message]) => {
    const value = at(written, 'texts', name) ?? at(written, 'numbers', name);
    return isRight(value) ? [] : [flaw(code, { value, message: `${message} (${name})` })];
  });
}

function allowFlaws({ allow, role }: Target, written: Json): Bare[] {
  const wanted = (allow ?? []).map(({ method, path }) => `${method} ${path}`);
  const given = keysOf(at(written, 'allow')).filter((request) => at(written, 'allow', request) === true);
  const isOpen = allow !== undefined && at(written, 'allow') === undefined;
  return [
    ...(isOpen ? [flaw('allow-list-open', { message: `passes everything on to ${role}` })] : []),
    ...(isOpen
      ? []
      : wanted
          .filter((request) => !given.includes(request))
          .map((request) => flaw('allow-list-closed', { value: request, message: `refuses ${request}` }))),
    ...given
      .filter((request) => !wanted.includes(request))
      .map((request) =>
        flaw('allow-list-open', {
          value: request,
          message: `passes ${request}, which the target does not take`,
        }),
      ),
  ];
}
