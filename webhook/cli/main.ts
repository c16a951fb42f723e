#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { VERSION } from '../core/version.ts';
import { divertVerb } from './divert.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { explainVerb } from './explain.ts';
import { explainPodVerb } from './explain-pod.ts';
import { injectVerb, uninjectVerb } from './inject.ts';
import type { Io } from './io.ts';
import { renderVerb } from './render.ts';
import { rewriteVerb } from './rewrite.ts';
import { serveVerb } from './serve.ts';

const VERBS = [
  serveVerb,
  injectVerb,
  uninjectVerb,
  explainVerb,
  explainPodVerb,
  renderVerb,
  divertVerb,
  rewriteVerb,
];

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
    .description('one declared diversion, followed by every edge');
  for (const verb of VERBS) program.addCommand(verb(io, done));
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

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

await main(process.argv);
