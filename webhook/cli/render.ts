import path from 'node:path';
import { Argument, Command } from 'commander';
import { stringify } from 'yaml';
import type { JsonObject } from '../core/json.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { sidecarData } from '../edges/envoy/sidecar-data.ts';
import { workloadConfigMap } from '../inject/config-map.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems, writeWhole } from './io.ts';
import { type Loaded, loadPlan } from './load.ts';
import { type DiversionOption, withDiversion, withJson } from './options.ts';

interface Options extends DiversionOption {
  readonly workload?: string;
  readonly out?: string;
  readonly json?: true;
}

/** `shunt render sidecar`: the ConfigMaps that injected pods mount. */
export function renderVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('render')))
    .description('print what an edge is configured with')
    .addArgument(new Argument('<edge>', 'the edge').choices(['sidecar']))
    .option('-w, --workload <name>', 'one workload only')
    .option('-o, --out <folder>', 'write a file for each object instead')
    .action(async (_edge: string, options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'render', options.diversion);
  if (!loaded) return EXIT.badInput;
  const workloads = loaded.plan.workloads.filter(({ name }) => name === (options.workload ?? name));
  if (workloads.length === 0) {
    const names = loaded.plan.workloads.map(({ name }) => name).join(', ') || 'none';
    io.error(`shunt render: ${loaded.file}: no workload ${options.workload ?? ''}; there are ${names}\n`);
    return EXIT.badInput;
  }
  const objects = sidecarObjects(loaded, workloads);
  if (options.json) io.out(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })}\n`);
  if (options.out !== undefined) return writeObjects(io, options.out, objects);
  if (!options.json) io.out(objects.map(toYaml).join('---\n'));
  return EXIT.fine;
}

function sidecarObjects({ plan, text }: Loaded, workloads: readonly PlannedWorkload[]): JsonObject[] {
  return workloads.flatMap((workload) => {
    const data = sidecarData(plan, workload, text);
    return workload.namespaces.map((namespace) => workloadConfigMap(plan, workload, namespace, data));
  });
}

async function writeObjects(io: Io, folder: string, objects: readonly JsonObject[]): Promise<ExitCode> {
  for (const object of objects) {
    const { name, namespace } = object['metadata'] as { name: string; namespace: string };
    const file = path.join(folder, `${namespace}.${name}.yaml`);
    const written = await writeWhole(file, toYaml(object));
    if (!written.ok) {
      reportProblems(io, 'render', file, written.problems);
      return EXIT.badInput;
    }
  }
  io.error(`shunt render: wrote ${objects.length} files to ${folder}\n`);
  return EXIT.fine;
}

function toYaml(object: JsonObject): string {
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: 'literal' });
}
