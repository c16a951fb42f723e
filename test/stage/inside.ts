import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { StageError } from './stage-error.ts';

/** Sets one flag on the loopback interface, for machines without iproute2. */
const RAISE_LOOPBACK = `
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack('16sH14x', b'lo', 0x49))
`;

/** The program of a sandbox: takes the input that it was started with, works, and gives its result. */
export async function serveSandbox<Input, Output, Event = never>(
  work: (input: Input, emit: (event: Event) => void) => Promise<Output>,
): Promise<void> {
  const [message] = (await once(process, 'message')) as [{ input: Input }];
  process.once('disconnect', () => process.exit());
  try {
    raiseLoopback();
    const result = await work(message.input, (event) => process.send?.({ kind: 'event', event }));
    process.send?.({ kind: 'result', result });
  } catch (error) {
    process.send?.({
      kind: 'error',
      message: error instanceof StageError ? error.message : String((error as Error).stack),
    });
  }
}

function raiseLoopback(): void {
  try {
    execFileSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'ignore' });
  } catch {
    execFileSync('python3', ['-c', RAISE_LOOPBACK]);
  }
}
