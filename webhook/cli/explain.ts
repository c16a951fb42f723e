import { Command, Option } from 'commander';
import { type Decision, decide, type Request } from '../core/decide.ts';
import { EDGES, type Edge } from '../core/diversion.ts';
import { REASONS } from '../core/reasons.ts';
import { placeOf } from '../edges/all.ts';
import { INGRESS_KINDS, type IngressKind } from '../edges/ingress/settings.ts';
import type { Place } from '../edges/place.ts';
import type { Plan } from '../edges/plan.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { mermaid } from './explain-graph.ts';
import type { Io } from './io.ts';
import { loadPlan } from './load.ts';
import { collect, type DiversionOption, withDiversion, withJson } from './options.ts';
import { findRelease, type ReleaseOptions, withRelease } from './release.ts';
import { formatTable } from './table.ts';

interface Options extends DiversionOption, ReleaseOptions {
  readonly live?: true;
  readonly edge?: Edge;
  readonly upstream?: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly header?: readonly string[];
  readonly draw: string;
  readonly kind: IngressKind;
  readonly graph?: 'mermaid';
  readonly json?: true;
}

/** `shunt explain`: where one request goes at an edge, or at all of them, and why. */
export function explainVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withRelease(withJson(withDiversion(new Command('explain'))))
    .description('say where a request goes, and why')
    .addOption(new Option('-e, --edge <edge>', 'one edge; without it, all of them').choices([...EDGES]))
    .option('--live', 'by the diversion of a release in a cluster, instead of a file')
    .option('-u, --upstream <name>', 'the production service that the edge would choose')
    .requiredOption('-H, --host <authority>', 'Host header or :authority')
    .option('-m, --method <method>', 'HTTP method', 'GET')
    .option('-p, --path <path>', 'path, with or without query', '/')
    .option('--header <name=value>', 'a header; may be given several times', collect)
    .option('--draw <percent>', 'where the request falls in the share, from 0 to below 100', '0')
    .addOption(
      new Option('-k, --kind <kind>', 'ingress: kind of its objects').choices(INGRESS_KINDS).default('istio'),
    )
    .addOption(
      new Option('--graph <form>', 'over all edges, as a graph instead of a table').choices(['mermaid']),
    )
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await planFor(io, options);
  if ('exit' in loaded) return loaded.exit;
  const headers = readHeaders(options.header ?? []);
  const draw = Number(options.draw);
  const complaint =
    (headers === undefined && 'write a header as name=value') ||
    wrongHost(options.host) ||
    (!(draw >= 0 && draw < 100) && '--draw must be at least 0 and below 100') ||
    missingUpstream(loaded.plan, options);
  if (complaint || headers === undefined) {
    io.error(`shunt explain: ${complaint}\n`);
    return EXIT.badInput;
  }
  const request = {
    method: options.method.toUpperCase(),
    authority: options.host,
    path: options.path,
    headers,
    draw,
  };
  noteUndeclared(io, loaded.plan, options.upstream);
  if (options.edge !== undefined && options.graph === undefined) {
    const decision = decide(loaded.plan, { ...request, edge: options.edge, ...named(options.upstream) });
    const { edge, host, kind } = options;
    const asked = { authority: host, kind, ...named(options.upstream) };
    const place = placeOf(loaded.plan, edge, { ...asked, decision });
    io.out(
      options.json
        ? `${JSON.stringify({ ...describe(decision), ...place })}\n`
        : `${sentence(decision)}\n${where(place)}\n`,
    );
    return EXIT.fine;
  }
  const rows = everywhere(loaded.plan, request, options).filter(
    ({ edge }) => options.edge === undefined || edge === options.edge,
  );
  io.out(show(options, rows));
  return EXIT.fine;
}

/** The plan of a release or of a file; of a release it is said which, since its share may be another than the file's. */
async function planFor(
  io: Io,
  options: Options,
): Promise<{ readonly plan: Plan } | { readonly exit: ExitCode }> {
  const { live, diversion, kubeconfig, namespace, diversionName } = options;
  const withoutEffect = live ? diversion : (kubeconfig ?? namespace ?? diversionName);
  if (withoutEffect !== undefined) {
    const remedy = live
      ? '--live reads the diversion from the cluster, and takes no --diversion'
      : '--kubeconfig, --namespace and --diversion-name need --live';
    io.error(`shunt explain: ${remedy}\n`);
    return { exit: EXIT.badInput };
  }
  if (!live) return (await loadPlan(io, 'explain', diversion)) ?? { exit: EXIT.badInput };
  const release = await findRelease(io, 'explain', options);
  if ('exit' in release) return release;
  const { plan, configMap, namespace: home } = release.declared;
  io.error(`shunt explain: by ConfigMap ${home}/${configMap}, at share ${plan.share}\n`);
  return { plan };
}

function show({ json, graph, method, host, path }: Options, rows: readonly Row[]): string {
  if (json) return `${JSON.stringify({ rows })}\n`;
  if (graph === 'mermaid') return mermaid(`${method} ${path}, Host ${host}`, rows);
  return `${format(rows)}\n`;
}

function where({ file, rule }: Place): string {
  return file === '' ? `decided by ${rule}` : `decided in ${file}, by ${rule}`;
}

/** A URL, or a host and something behind it: no value of Host, and it would be taken for one that is not diverted. */
const MORE_THAN_HOST = /^[A-Za-z0-9.:[\]-]*[/?#@\s]/;

function wrongHost(host: string): string | undefined {
  if (host !== '' && !MORE_THAN_HOST.test(host)) return undefined;
  return `--host ${JSON.stringify(host)} is not a value of the header Host; write a name with or without a port, and the path with --path`;
}

function missingUpstream(plan: Plan, { edge, upstream }: Options): string | undefined {
  if (upstream === undefined) {
    if (edge === undefined || edge === 'ingress') return undefined;
    const names = plan.upstreams.map(({ name }) => name).join(', ');
    return `the edge ${edge} needs --upstream: one of ${names}, or the name of a service that is not diverted`;
  }
  return undefined;
}

/** A service that is not diverted is a fair question, but a misspelt one would look the same. */
function noteUndeclared(io: Io, plan: Plan, upstream: string | undefined): void {
  if (upstream === undefined || plan.upstreams.some(({ name }) => name === upstream)) return;
  const names = plan.upstreams.map(({ name }) => name).join(', ');
  io.error(`shunt explain: note: ${upstream} is not a declared upstream; there are ${names}\n`);
}

function named(upstream: string | undefined): { upstream?: string } {
  return upstream === undefined ? {} : { upstream };
}

interface Row extends ReturnType<typeof describe>, Place {
  readonly edge: Edge;
  readonly upstream: string;
}

/** Every edge with every upstream; upstreams that fare alike at an edge share a row. */
function everywhere(
  plan: Plan,
  request: Omit<Request, 'edge'>,
  { upstream: only, kind }: Pick<Options, 'upstream' | 'kind'>,
): Row[] {
  const { authority } = request;
  const upstreams = only === undefined ? plan.upstreams.map(({ name }) => name) : [only];
  return EDGES.flatMap((edge): Row[] => {
    if (edge === 'ingress') {
      const decision = decide(plan, { ...request, edge });
      return [
        { edge, upstream: '', ...describe(decision), ...placeOf(plan, edge, { authority, kind, decision }) },
      ];
    }
    const groups = new Map<string, Row>();
    for (const upstream of upstreams) {
      const decision = decide(plan, { ...request, edge, upstream });
      const row = { ...describe(decision), ...placeOf(plan, edge, { upstream, authority, kind, decision }) };
      const key = JSON.stringify(row);
      const names = [groups.get(key)?.upstream, upstream].filter(Boolean).join(', ');
      groups.set(key, { edge, upstream: names, ...row });
    }
    return [...groups.values()];
  });
}

function describe({ to, reason, authority, sni }: Decision) {
  return { to, reason, detail: REASONS[reason], ...(authority === undefined ? {} : { authority, sni }) };
}

function sentence({ to, reason, authority, sni }: Decision): string {
  const as = authority === undefined ? '' : `, with authority ${authority} and SNI ${sni}`;
  return `${to}: ${REASONS[reason]} [${reason}]${as}`;
}

function format(rows: readonly Row[]): string {
  const head = ['edge', 'upstream', 'goes to', 'reason', 'authority', 'SNI', 'file', 'rule'];
  return formatTable(
    head,
    rows.map(({ edge, upstream, to, reason, authority = '', sni = '', file, rule }) => [
      edge,
      upstream,
      to,
      reason,
      authority,
      sni,
      file,
      rule,
    ]),
  );
}

function readHeaders(given: readonly string[]): Record<string, string> | undefined {
  const pairs = given.map((text) => /^([^=]+)=(.*)$/s.exec(text));
  if (pairs.some((pair) => pair === null)) return undefined;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1]?.toLowerCase() ?? '', pair?.[2] ?? '']));
}
