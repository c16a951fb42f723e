import { Command } from 'commander';
import { TOPOLOGIES } from '../edges/ingress/topology.ts';
import { type ComparedRow, compareTopologies } from './comparison.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { Io } from './io.ts';
import { journeys } from './journeys.ts';
import { loadPlan } from './load.ts';
import { type DiversionOption, withDiversion, withJson } from './options.ts';
import { formatTable } from './table.ts';

interface Options extends DiversionOption {
  readonly json?: true;
}

/** `shunt compare`: both topologies side by side. */
export function compareVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('compare')))
    .description('put the topologies side by side: hops, what fails with the ingress, who must change what')
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'compare', options.diversion);
  if (!loaded) return EXIT.badInput;
  const { file, plan } = loaded;
  const rows = compareTopologies(plan);
  io.out(options.json ? `${JSON.stringify({ rows, journeys: journeys(plan) })}\n` : `${format(rows)}\n`);
  if (plan.edges.ingressAll.length === 0)
    io.error(
      `shunt compare: ${file}: note: nothing stands behind the ingress, as spec.edges.ingressAll is not declared\n`,
    );
  return EXIT.fine;
}

function format(rows: readonly ComparedRow[]): string {
  return formatTable(
    ['', ...TOPOLOGIES],
    rows.map(({ question, answers }) => [
      question,
      ...TOPOLOGIES.map((topology) => answers[topology].join('\n') || '-'),
    ]),
  );
}
