import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { ClusterError } from './cluster-error.ts';
import { areGroups, removeGroups } from './machine/cgroups.ts';
import { isLink } from './machine/network.ts';
import { FOLDER, isAlive, type Process, readState, type State } from './state.ts';

const END_WITHIN_MS = 5_000;
const GONE_WITHIN_MS = 20_000;
const POLL_EVERY_MS = 50;

/** Takes away all that an `up` has made, whole or in part; gives whether there was anything. */
export async function down(): Promise<boolean> {
  const state = readState();
  if (!state && !existsSync(FOLDER)) return false;
  if (state?.machine) await endMachine(state.machine);
  if (state) await endProcesses(state.processes);
  await rm(FOLDER, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

/** With the holder all inside ends, mounts and links with it. */
async function endMachine({
  holder,
  network: { name },
  initPid,
}: NonNullable<State['machine']>): Promise<void> {
  if (isAlive(holder)) process.kill(holder.pid, 'SIGKILL');
  await until(
    () => !isAlive(holder) && !existsSync(`/proc/${initPid}`),
    `process ${initPid}, the first of the cluster,`,
  );
  await until(() => !isLink(name), `the link ${name}`);
  // Its processes leave a group a little later than they end.
  await until(() => {
    try {
      removeGroups(name);
    } catch (error) {
      if (!['EBUSY', 'ENOTEMPTY'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    }
    return !areGroups(name);
  }, `the control group ${name}`);
}

async function endProcesses(processes: readonly Process[]): Promise<void> {
  // The last started first: what is asked ends after those who ask it.
  for (const one of [...processes].reverse()) {
    if (!isAlive(one)) continue;
    process.kill(one.pid, 'SIGTERM');
    const ended = await until(() => !isAlive(one), one.name, END_WITHIN_MS).catch(() => false);
    if (ended === false) process.kill(one.pid, 'SIGKILL');
    await until(() => !isAlive(one), `${one.name} (process ${one.pid})`);
  }
}

async function until(isDone: () => boolean, what: string, withinMs = GONE_WITHIN_MS): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isDone()) {
    if (Date.now() > deadline) throw new ClusterError(`${what} is still there after ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
  }
}
