import path from 'node:path';
import type { Edge } from '../core/diversion.ts';
import { answersAsGateway } from '../edges/envoy/gateway.ts';
import { type DivertedText, divertText } from '../edges/envoy/text.ts';
import { divertExit, reportDiverted } from './divert.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, readText, reportProblems } from './io.ts';
import type { Loaded } from './load.ts';
import type { FilesOptions } from './render-files.ts';
import { writeWhole } from './write-file.ts';

/** Name of the file, as the charts of both edges have it. */
const FILE = 'envoy.yaml';

/** `shunt render mesh`: the configuration that a pod's own Envoy has today, with the diversion in it. */
export async function renderMesh(io: Io, loaded: Loaded, options: FilesOptions): Promise<ExitCode> {
  const diverted = await divertGiven(io, 'mesh', loaded, options);
  return diverted ? divertExit(diverted.report) : EXIT.badInput;
}

/** `shunt render rest-gateway`: the same for the gateway, whose paths may name a host. */
export async function renderGateway(io: Io, loaded: Loaded, options: FilesOptions): Promise<ExitCode> {
  const diverted = await divertGiven(io, 'rest-gateway', loaded, options);
  if (!diverted) return EXIT.badInput;
  if (answersAsGateway(diverted.text, loaded.plan)) return divertExit(diverted.report);
  io.error(
    `shunt render: ${options.in}: no virtual host answers to a name of the gateway, so no path is looked at\n`,
  );
  return EXIT.finding;
}

/** Writes the given configuration with the diversion in it; undefined after it was said why that failed. */
async function divertGiven(
  io: Io,
  edge: Edge,
  { plan }: Loaded,
  options: FilesOptions,
): Promise<DivertedText | undefined> {
  if (options.in === undefined) {
    io.error(`shunt render: the edge ${edge} needs --in, the configuration that its Envoy has today\n`);
    return undefined;
  }
  const input = await readText(options.in, io);
  const diverted = input.ok ? divertText(input.value, plan) : input;
  if (!diverted.ok) {
    reportProblems(io, 'render', options.in, diverted.problems);
    return undefined;
  }
  const { text, report, writtenAnew } = diverted.value;
  if (options.json) io.out(`${JSON.stringify({ files: { [FILE]: text }, report })}\n`);
  if (options.out !== undefined) {
    const file = path.join(options.out, FILE);
    const written = await writeWhole(file, text);
    if (!written.ok) {
      reportProblems(io, 'render', file, written.problems);
      return undefined;
    }
  } else if (!options.json) io.out(text);
  reportDiverted(io, { verb: 'render', diversion: plan.diversion, report, writtenAnew });
  return diverted.value;
}
