import path from 'node:path';
import { answersAsGateway } from '../edges/envoy/gateway.ts';
import { divertText } from '../edges/envoy/text.ts';
import { divertExit, reportDiverted } from './divert.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, readText, reportProblems } from './io.ts';
import type { Loaded } from './load.ts';
import type { FilesOptions } from './render-files.ts';
import { writeWhole } from './write-file.ts';

export const ENVOY_EDGES = ['rest-gateway', 'mesh'] as const;
export type EnvoyEdge = (typeof ENVOY_EDGES)[number];

/** Name of the file, as the charts of both edges have it. */
const FILE = 'envoy.yaml';

/** `shunt render rest-gateway` and `mesh`: the configuration that an Envoy has today, with the diversion in it. */
export async function renderEnvoy(
  io: Io,
  edge: EnvoyEdge,
  { plan }: Loaded,
  options: FilesOptions,
): Promise<ExitCode> {
  if (options.in === undefined) {
    io.error(`shunt render: the edge ${edge} needs --in, the configuration that its Envoy has today\n`);
    return EXIT.badInput;
  }
  const input = await readText(options.in, io);
  const diverted = input.ok ? divertText(input.value, plan) : input;
  if (!diverted.ok) {
    reportProblems(io, 'render', options.in, diverted.problems);
    return EXIT.badInput;
  }
  const { text, report } = diverted.value;
  if (options.json) io.out(`${JSON.stringify({ files: { [FILE]: text }, report })}\n`);
  if (options.out !== undefined) {
    const file = path.join(options.out, FILE);
    const written = await writeWhole(file, text);
    if (!written.ok) {
      reportProblems(io, 'render', file, written.problems);
      return EXIT.badInput;
    }
  } else if (!options.json) io.out(text);
  reportDiverted(io, { verb: 'render', diversion: plan.diversion, report });
  if (edge === 'mesh' || answersAsGateway(text, plan)) return divertExit(report);
  io.error(
    `shunt render: ${options.in}: no virtual host answers to a name of the gateway, so no path is looked at\n`,
  );
  return EXIT.finding;
}
