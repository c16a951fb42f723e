import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { inRepository } from '../fixtures/read.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

const MAIN = inRepository('webhook/cli/main.ts');

/** Runs the command line as a process of its own, to its end. */
export function shunt(args: readonly string[], input = ''): Promise<Ended> {
  const child = start(args);
  child.stdin.end(input);
  return ended(child);
}

export function start(args: readonly string[]) {
  const { SHUNT_DIVERSION: _, ...env } = process.env;
  const settings = { NO_COLOR: '1', NODE_COMPILE_CACHE: inRepository('.cache/node') };
  return spawn(process.execPath, [MAIN, ...args], { env: { ...env, ...settings }, stdio: 'pipe' });
}

export function ended(child: ReturnType<typeof start>): Promise<Ended> {
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, out, error }));
  });
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-cli-'));
  folders.push(folder);
  return folder;
}

/** The lines of a text, without the empty one behind the last. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
