import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { atExit } from './cleanup.ts';

/*
 * A sandbox is a network of its own with nothing but loopback, so that what runs in it can use the very ports and
 * names that a pod would, beside anything else on the machine.
 */

/** Why a sandbox could not be had; nothing that needs one has been checked then. */
export class SandboxError extends Error {}

/** What the program in the sandbox sends: anything it likes while it runs, and at last a result or an error. */
export type FromSandbox<Event, Output> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'result'; readonly result: Output }
  | { readonly kind: 'error'; readonly message: string };

export interface SandboxRun<Input, Event> {
  /** Path of a program that calls `serveSandbox`. */
  readonly program: string;
  readonly input: Input;
  readonly onEvent?: (event: Event) => void;
  readonly timeoutMs: number;
}

/** Runs a program in a sandbox of its own with that input; everything it started is gone when this returns. */
export async function runInSandbox<Input, Output, Event = never>(
  run: SandboxRun<Input, Event>,
): Promise<Output> {
  const identity = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const child = spawn('unshare', [...identity, ...namespaces, process.execPath, run.program], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const killed = atExit(() => child.kill('SIGKILL'));
  let noise = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (noise += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), run.timeoutMs);
  let last: FromSandbox<Event, Output> | undefined;
  child.on('message', (message: FromSandbox<Event, Output>) => {
    if (message.kind === 'event') run.onEvent?.(message.event);
    else {
      last = message;
      child.disconnect();
    }
  });
  child.once('spawn', () => child.send({ input: run.input }));
  const [code] = await Promise.race([once(child, 'exit'), once(child, 'error').then(([error]) => [error])]);
  clearTimeout(timer);
  killed.takeBack();
  if (code instanceof Error) throw new SandboxError(`unshare (util-linux) cannot be run: ${code.message}`);
  if (last?.kind === 'result') return last.result;
  if (last?.kind === 'error') throw new Error(last.message);
  if (/unshare/.test(noise)) throw new SandboxError(`no network namespace can be made here: ${noise.trim()}`);
  throw new Error(`the sandbox ended early (${code}): ${noise.trim().slice(-2000)}`);
}
