import type { Both, Effort } from './admission.ts';
import type { Client } from './client.ts';
import type { Burst, BurstResult } from './load.ts';
import { cpuSeconds } from './proc.ts';
import type { ServerProcess } from './server-process.ts';

/** One server's part of one round. */
export interface Slice extends BurstResult {
  /** Processor time of the server, in seconds: what other programs on the machine change least. */
  readonly cpuSeconds: number;
}

export type Round = Both<Slice>;

/** By then V8 has compiled what is hot; after two seconds it had not. */
const WARM_UP_MS = 4000;

/** In turns, and every other round in the other order, so that both have the same share of whatever else runs. */
export async function alternate(
  client: Client,
  both: Both<ServerProcess>,
  burst: Pick<Burst, 'ca' | 'bodies' | 'connections'>,
  { seconds, rounds, say }: Effort,
): Promise<Round[]> {
  const send = async ({ port, pid }: ServerProcess, ms: number): Promise<Slice> => {
    const before = await cpuSeconds(pid);
    const result = await client.send({ ...burst, port, limit: { ms } });
    return { ...result, cpuSeconds: (await cpuSeconds(pid)) - before };
  };
  say('warming up ...');
  await send(both.floor, WARM_UP_MS);
  await send(both.webhook, WARM_UP_MS);
  const ms = (seconds * 1000) / rounds;
  const measured: Round[] = [];
  for (let number = 1; number <= rounds; number++) {
    say(`round ${number} of ${rounds} ...`);
    if (number % 2 === 1) {
      const floor = await send(both.floor, ms);
      measured.push({ floor, webhook: await send(both.webhook, ms) });
    } else {
      const webhook = await send(both.webhook, ms);
      measured.push({ webhook, floor: await send(both.floor, ms) });
    }
  }
  return measured;
}
