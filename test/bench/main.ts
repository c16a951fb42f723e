import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { measureAdmission } from './admission.ts';
import { BenchError } from './bench-error.ts';
import { findings } from './findings.ts';
import { formatFindings } from './report.ts';

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly json?: true;
  readonly out?: string;
}

const EXIT = { ran: 0, badInput: 2, unchecked: 3 } as const;

async function admission({ seconds, rounds, json, out }: Options): Promise<void> {
  const say = (text: string): void => {
    if (!json) process.stderr.write(`${text}\n`);
  };
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    loadBefore: loadavg()[0],
    // Without it Node strips the types at every start, which takes time and memory.
    compileCache: process.env['NODE_COMPILE_CACHE'] !== undefined,
  };
  // Before the work, since a name that cannot be written should not cost a whole measurement.
  if (out !== undefined) await save(out, '');
  const measured = await measureAdmission({ seconds, rounds, say });
  const found = findings(measured);
  const raw = { ...machine, seconds, findings: found, ...measured };
  if (out !== undefined) await save(out, `${JSON.stringify(raw, undefined, 2)}\n`);
  process.stdout.write(json ? `${JSON.stringify(raw)}\n` : `${formatFindings(found)}\n`);
}

async function save(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw new BenchError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

function readSeconds(value: string): number {
  const seconds = Number(value);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('write a number of seconds, at most 3600.');
}

function readRounds(value: string): number {
  const rounds = Number(value);
  if (Number.isInteger(rounds) && rounds > 0 && rounds <= 1000) return rounds;
  throw new InvalidArgumentError('write a whole number from 1 to 1000.');
}

function describeError(error: unknown): string {
  return error instanceof BenchError ? error.message : String((error as Error).stack);
}

const program = new Command('bench').description('measure what the program costs').exitOverride();
program
  .command('admission')
  .description(
    'the webhook against a bare HTTPS server that reads the same reviews and gives a fixed answer; ' +
      'an aim that is missed is printed, and is no error',
  )
  .option('--seconds <number>', 'how long each server is measured, over all rounds', readSeconds, 8)
  .option('--rounds <number>', 'rounds in which the two take turns', readRounds, 8)
  .option('--json', 'print one JSON object with the raw numbers')
  .option('--out <file>', 'also keep the raw numbers in this file')
  .exitOverride()
  .action(admission);

try {
  await program.parseAsync();
  process.exitCode = EXIT.ran;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ran : EXIT.badInput;
  else {
    process.stderr.write(`bench: ${describeError(error)}\n`);
    process.exitCode = EXIT.unchecked;
  }
}
