#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { describeProblem } from '../core/problem.ts';
import { VERSION } from '../core/version.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { fileProblem } from './file-problem.ts';
import type { Io } from './io.ts';

type Verb = (io: Io, done: (code: ExitCode) => void) => Command;

/** Loaded when they are named, since the server runs for months and should not hold what it never uses. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  serve: async () => (await import('./serve.ts')).serveVerb,
  init: async () => (await import('./init.ts')).initVerb,
  inject: async () => (await import('./inject.ts')).injectVerb,
  uninject: async () => (await import('./inject.ts')).uninjectVerb,
  compare: async () => (await import('./compare.ts')).compareVerb,
  explain: async () => (await import('./explain.ts')).explainVerb,
  'explain-pod': async () => (await import('./explain-pod.ts')).explainPodVerb,
  render: async () => (await import('./render.ts')).renderVerb,
  divert: async () => (await import('./divert.ts')).divertVerb,
  analyze: async () => (await import('./analyze.ts')).analyzeVerb,
  generate: async () => (await import('./generate.ts')).generateVerb,
  share: async () => (await import('./share.ts')).shareVerb,
  off: async () => (await import('./share.ts')).offVerb,
  retire: async () => (await import('./retire.ts')).retireVerb,
  rewrite: async () => (await import('./rewrite.ts')).rewriteVerb,
};

const io: Io = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  stdin: process.stdin,
  env: process.env,
};

/** Runs the verb that the arguments name, and sets the exit code; only a bug shows a stack trace. */
async function main(argv: readonly string[]): Promise<void> {
  const done = (code: ExitCode): void => {
    process.exitCode = code;
  };
  const program = new Command('shunt')
    .version(VERSION)
    .description('sends the requests for chosen hosts to a second environment');
  for (const verb of await verbsFor(argv[2])) program.addCommand(verb(io, done));
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError('(--help shows usage)');
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.badInput;
      return;
    }
    throw error;
  }
}

/** The verb of that name; all of them for help, and to say which of them an unknown one may be meant to be. */
function verbsFor(name: string | undefined): Promise<Verb[]> {
  const named = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  return Promise.all((named ? [named] : Object.values(VERBS)).map((load) => load()));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, is not a failure.
  if (error.code === 'EPIPE') return;
  io.error(`shunt: standard output ${describeProblem(fileProblem(error, 'written'))}\n`);
  process.exit(EXIT.badInput);
});
// Where nothing can be said, the exit code still tells.
process.stderr.on('error', () => undefined);

// Not awaited: the single-file executable is CommonJS, which cannot wait here.
void main(process.argv);
