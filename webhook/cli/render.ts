import path from 'node:path';
import { Argument, Command, Option } from 'commander';
import { stringify } from 'yaml';
import type { Edge } from '../core/diversion.ts';
import type { JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { sidecarData } from '../edges/envoy/sidecar-data.ts';
import { claimedTwice } from '../edges/ingress/claims.ts';
import { ingressFindings } from '../edges/ingress/findings.ts';
import { INGRESS_KINDS, type IngressKind } from '../edges/ingress/settings.ts';
import { TOPOLOGIES, type Topology } from '../edges/ingress/topology.ts';
import { topologyObjects } from '../edges/ingress/topology-objects.ts';
import { workloadConfigMap } from '../inject/config-map.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, type Located, reportProblems } from './io.ts';
import { type Loaded, loadManifests, loadPlan } from './load.ts';
import { withDiversion, withJson } from './options.ts';
import { renderAts } from './render-ats.ts';
import { renderGateway, renderMesh } from './render-envoy.ts';
import type { FilesOptions } from './render-files.ts';
import { renderKnative } from './render-knative.ts';
import { writeWhole } from './write-file.ts';

interface Options extends FilesOptions {
  readonly workload?: string;
  readonly kind: IngressKind;
  readonly topology: Topology;
}

interface Rendered {
  readonly objects: readonly JsonObject[];
  /** What the objects cannot do. */
  readonly findings: readonly Located[];
}

/** An edge's objects, or undefined after it was said why there are none. */
type ObjectRenderer = (io: Io, loaded: Loaded, options: Options) => Promise<Rendered | undefined>;

interface Renderer {
  /** Of the options that only some edges take. */
  readonly takes: readonly (typeof OWN_OPTIONS)[number][];
  readonly run: (io: Io, loaded: Loaded, options: Options) => Promise<ExitCode>;
}

const OWN_OPTIONS = ['workload', 'kind', 'topology', 'in', 'revert'] as const;

const RENDERERS: Readonly<Record<Edge, Renderer>> = {
  ingress: { takes: ['kind', 'topology', 'in'], run: objectsOf(renderIngress) },
  sidecar: { takes: ['workload'], run: objectsOf(renderSidecar) },
  'rest-gateway': { takes: ['in'], run: renderGateway },
  mesh: { takes: ['in'], run: renderMesh },
  ats: { takes: ['in', 'revert'], run: renderAts },
  knative: { takes: ['in', 'revert'], run: renderKnative },
};

/** `shunt render EDGE`: the ConfigMaps of injected pods, the ingress's routing objects, or the files of a proxy. */
export function renderVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('render')))
    .description('print what an edge is configured with')
    .addArgument(new Argument('<edge>', 'the edge').choices(Object.keys(RENDERERS)))
    .option('-w, --workload <name>', 'sidecar: one workload only')
    .addOption(
      new Option('-k, --kind <kind>', 'ingress: kind of objects').choices(INGRESS_KINDS).default('istio'),
    )
    .addOption(
      new Option('-t, --topology <topology>', 'ingress: where the diversion stands')
        .choices(TOPOLOGIES)
        .default('pods'),
    )
    .option(
      '-i, --in <file>',
      'what is there already: objects of the ingress, remap.config of ats, envoy.yaml of rest-gateway and mesh, values of knative',
    )
    .option('-o, --out <folder>', 'write a file for each object instead')
    .option('--revert', 'ats, knative: take the diversion out of that file instead')
    .action(async (edge: Edge, options: Options, command: Command) => {
      const given = OWN_OPTIONS.filter((name) => command.getOptionValueSource(name) === 'cli');
      const unused = given.filter((name) => !RENDERERS[edge].takes.includes(name));
      const [first] = unused;
      if (first === undefined && !(options.revert && options.in === undefined)) {
        done(await run(io, edge, options));
        return;
      }
      const why =
        first === undefined ? 'needs --in, the file to take it out of' : `is not an option of ${edge}`;
      io.error(`shunt render: --${first ?? 'revert'} ${why}\n`);
      done(EXIT.badInput);
    });
}

async function run(io: Io, edge: Edge, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'render', options.diversion);
  return loaded ? RENDERERS[edge].run(io, loaded, options) : EXIT.badInput;
}

function objectsOf(render: ObjectRenderer): Renderer['run'] {
  return async (io, loaded, options) => {
    const rendered = await render(io, loaded, options);
    return rendered ? report(io, rendered, options) : EXIT.badInput;
  };
}

async function report(io: Io, { objects, findings }: Rendered, options: Options): Promise<ExitCode> {
  for (const { file, problem } of findings) reportProblems(io, 'render', file, [problem]);
  const outcome = findings.length > 0 ? EXIT.finding : EXIT.fine;
  if (options.json) io.out(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })}\n`);
  if (options.out !== undefined) {
    const written = await writeObjects(io, options.out, objects);
    return written === EXIT.fine ? outcome : written;
  }
  if (!options.json) io.out(objects.map(toYaml).join('---\n'));
  return outcome;
}

async function renderIngress(io: Io, loaded: Loaded, options: Options): Promise<Rendered | undefined> {
  const { file, plan } = loaded;
  const rendered = topologyObjects(options.topology, options.kind, plan);
  if (!rendered.ok) {
    reportProblems(io, 'render', file, rendered.problems);
    return undefined;
  }
  const objects = rendered.value;
  const findings = ingressFindings(options.kind, plan).map((problem) => ({ file, problem }));
  if (options.in === undefined) return { objects, findings };
  const given = options.in;
  const existing = await loadManifests(io, 'render', given, undefined);
  if (!existing) return undefined;
  const others = existing.manifests.map(({ object }) => object);
  const taken = claimedTwice(objects, others, plan.edges.ingress?.namespace ?? '');
  return { objects, findings: [...findings, ...taken.map((problem) => ({ file: given, problem }))] };
}

async function renderSidecar(io: Io, loaded: Loaded, options: Options): Promise<Rendered | undefined> {
  const { file, plan, text } = loaded;
  const workloads = plan.workloads.filter(({ name }) => name === (options.workload ?? name));
  if (workloads.length > 0) return { objects: workloads.flatMap(configMaps), findings: [] };
  const names = plan.workloads.map(({ name }) => name).join(', ') || 'none';
  io.error(`shunt render: ${file}: no workload ${options.workload ?? ''}; there are ${names}\n`);
  return undefined;

  function configMaps(workload: PlannedWorkload): JsonObject[] {
    const data = sidecarData(plan, workload, text);
    return workload.namespaces.map((namespace) => workloadConfigMap(plan, workload, namespace, data));
  }
}

async function writeObjects(io: Io, folder: string, objects: readonly JsonObject[]): Promise<ExitCode> {
  for (const object of objects) {
    const file = path.join(folder, fileName(object));
    const written = await writeWhole(file, toYaml(object));
    if (!written.ok) {
      reportProblems(io, 'render', file, written.problems);
      return EXIT.badInput;
    }
  }
  io.error(`shunt render: wrote ${objects.length} files to ${folder}\n`);
  return EXIT.fine;
}

/** A ConfigMap's name is its own; objects of other kinds share theirs. */
function fileName(object: JsonObject): string {
  const { name, namespace } = object['metadata'] as { name: string; namespace: string };
  const kind = String(object['kind']).toLowerCase();
  return kind === 'configmap' ? `${namespace}.${name}.yaml` : `${namespace}.${kind}.${name}.yaml`;
}

function toYaml(object: JsonObject): string {
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: 'literal' });
}
