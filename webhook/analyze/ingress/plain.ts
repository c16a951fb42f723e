import type { Plan } from '../../core/plan.ts';
import { ingressFindings } from '../../edges/ingress-findings.ts';
import { readMilliseconds } from '../duration.ts';
import { at, nameOf, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';

const RESPONSE_TIMEOUT = 'projectcontour.io/response-timeout';

interface Rule {
  readonly subject: ObjectSubject;
  readonly host: string;
  readonly path: string;
  readonly isExact: boolean;
  readonly service: string;
  readonly port: number | undefined;
}

/** Whether plain Ingress objects let the names of the other environment through, each to what knows what to do. */
export function examinePlain(scene: Scene): Coded[] {
  const subjects = objectsOf(scene, 'Ingress');
  const [first] = subjects;
  if (!first || !scene.plan.edges.ingress) return [];
  const rules = subjects.flatMap(rulesOf);
  const known = new Set([
    ...objectsOf(scene, 'Service').map(({ object }) => nameOf(object).name),
    ...directServices(scene.plan),
  ]);
  const missing = neededNames(scene.plan).flatMap(({ host, path }): Coded[] => {
    const served = rules.find((rule) => rule.host === host && takes(rule, path));
    if (!served) {
      const message = `no rule takes ${path} of ${host}`;
      return [flaw('target-unserved', { file: first.file, path: first.place, value: host, message })];
    }
    const names = objectsAt(served.subject.object, 'spec', 'tls').flatMap((tls) => textsAt(tls, 'hosts'));
    const message = `has no certificate for ${host}, so the controller closes the connection`;
    return names.includes(host)
      ? []
      : [flaw('sni-unserved', { file: first.file, path: served.subject.place, value: host, message })];
  });
  return [
    ...missing,
    ...(scene.isGiven ? misdirected(scene, rules) : []),
    ...subjects.flatMap((subject) => timeoutFlaws(scene.plan, subject)),
    ...rules.flatMap((rule) => backendFlaws(scene, rule, known)),
  ];
}

/** What `shunt render` says of this kind, once it is the one that somebody chose. */
function misdirected({ plan, file }: Scene, rules: readonly Rule[]): Coded[] {
  const served = new Set(rules.map(({ host }) => host));
  const isOurs = plan.hosts.some((host) => served.has(host));
  return isOurs
    ? ingressFindings('ingress', plan).map(({ path, value, message }) =>
        flaw('ingress-sni-differs', {
          file,
          path,
          value: String(value),
          message,
        }),
      )
    : [];
}

function rulesOf(subject: ObjectSubject): Rule[] {
  return objectsAt(subject.object, 'spec', 'rules').flatMap((rule) =>
    objectsAt(rule, 'http', 'paths').map((path) => ({
      subject,
      host: textAt(rule, 'host') ?? '*',
      path: textAt(path, 'path') ?? '/',
      isExact: path['pathType'] === 'Exact',
      service: textAt(path, 'backend', 'service', 'name') ?? '',
      port: Number(at(path, 'backend', 'service', 'port', 'number') ?? 0) || undefined,
    })),
  );
}

function neededNames({ hosts, targets }: Plan): { readonly host: string; readonly path: string }[] {
  return targets.flatMap(({ sni, authority, allow }) => {
    const names = [sni, ...(authority === 'preserve' ? hosts : [authority])];
    const paths = allow?.map(({ path }) => path) ?? ['/wiki/Main_Page'];
    return [...new Set(names)].flatMap((host) => paths.map((path) => ({ host: host.toLowerCase(), path })));
  });
}

function takes({ path, isExact }: Rule, asked: string): boolean {
  return isExact ? path === asked : asked.startsWith(path);
}

function directServices({ edges }: Plan): string[] {
  return Object.values(edges.ingress?.services ?? {}).map(({ name }) => name);
}

/** A controller that is told nothing gives up long before a job ends. */
function timeoutFlaws({ targets }: Plan, { file, place, object }: ObjectSubject): Coded[] {
  const jobs = targets.find(({ role }) => role === 'jobrunner');
  const hosts = objectsAt(object, 'spec', 'rules').map((rule) => rule['host']);
  if (!jobs || !hosts.includes(jobs.sni) || textAt(object, 'spec', 'ingressClassName') !== 'contour')
    return [];
  const value = at(object, 'metadata', 'annotations', RESPONSE_TIMEOUT);
  const limit = value === 'infinity' ? Number.POSITIVE_INFINITY : (readMilliseconds(value) ?? 0);
  if (limit >= jobs.timeout) return [];
  const message = `lets Contour cut a job before ${jobs.timeout / 1000} s (${RESPONSE_TIMEOUT})`;
  return [flaw('job-timeout', { file, path: place, value, message })];
}

function backendFlaws(
  scene: Scene,
  { subject, host, service, port }: Rule,
  known: ReadonlySet<string>,
): Coded[] {
  const { file, place } = subject;
  const { plan } = scene;
  const { services = {} } = plan.edges.ingress ?? {};
  const isHost = plan.hosts.some((own) => own === host);
  if (isHost && service === services.jobrunner?.name) {
    const message = `takes ${host} to the job runners`;
    return [flaw('job-reachable-outside', { file, path: place, value: service, message })];
  }
  const limited = plan.targets.find(({ role, allow }) => allow && services[role]?.name === service);
  if (limited) {
    const message = `leads straight to the target ${limited.role}, and an Ingress cannot tell methods`;
    return [flaw('allow-list-open', { file, path: place, value: service, message })];
  }
  if (!known.has(service)) {
    return [
      flaw('wrong-target', {
        file,
        path: place,
        value: service,
        message: 'leads to a Service that these files do not hold',
      }),
    ];
  }
  const own = objectsOf(scene, 'Service').find(({ object }) => nameOf(object).name === service);
  const ports = own && objectsAt(own.object, 'spec', 'ports').map((entry) => entry['port']);
  if (!ports || port === undefined || ports.includes(port)) return [];
  return [
    flaw('service-port', { file, path: place, value: port, message: `is no port of the Service ${service}` }),
  ];
}
