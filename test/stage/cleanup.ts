/*
 * What must not outlive the process, however it ends: signals end it through `exit`, where these run. They are
 * synchronous, since nothing else is waited for then.
 */
const tasks = new Set<() => void>();

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Runs the task when the process ends, unless it is taken back first. */
export function atExit(task: () => void): { takeBack: () => void } {
  if (tasks.size === 0) install();
  tasks.add(task);
  return { takeBack: () => tasks.delete(task) };
}

let installed = false;

function install(): void {
  if (installed) return;
  installed = true;
  process.once('exit', () => {
    for (const task of tasks) task();
  });
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));
}
