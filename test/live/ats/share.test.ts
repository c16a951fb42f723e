import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { diversionText, withShare } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import { get, runSetup, send, setShare } from './setup.ts';

const HOST = 'test.wikipedia.org';
const CLIENTS = Array.from({ length: 200 }, (_, index) => `2001:db8::${index.toString(16)}`);

const requests = CLIENTS.map((address) => get(HOST, '/wiki/X', `X-Client-IP: ${address}`));
const isDiverted = ({ seen }: Answer): boolean => seen?.site === 'target web';

/** Where a client falls in the share: the same on every machine of the CDN. */
function drawOf(client: string): number {
  return Number.parseInt(createHash('md5').update(`testwiki ${client}`).digest('hex').slice(0, 8), 16) % 100;
}

describe('the share', () => {
  it('sticks to clients, and a larger one takes only more of them', async () => {
    const shares = [10, 50, 90];
    const steps = shares.flatMap((share) => [...setShare(share), send(...requests), send(...requests)]);
    const { answers } = await runSetup({ diversion: diversionText(withShare(0)), steps });
    const rounds = answers.filter((list) => list.length > 0);
    shares.forEach((share, index) => {
      const expected = CLIENTS.map((client) => drawOf(client) < share);
      expect(rounds[index * 2]?.map(isDiverted), `${share} %`).toEqual(expected);
      expect(rounds[index * 2 + 1]?.map(isDiverted), `${share} %, again`).toEqual(expected);
      expect(expected.filter(Boolean).length / 2, 'percent of clients').toBeCloseTo(share, -1.3);
    });
  });

  it('changes while the server runs, and is the declared one when its file holds no share', async () => {
    const probe = send(get(HOST));
    const broken = ['', 'x', '-1', '101', '1e1', '50 50', '0x10'];
    const steps = [
      probe,
      ...[0, 100].flatMap((share) => [...setShare(share), probe]),
      ...setShare(0),
      ...broken.flatMap((text) => [...setShare(text), probe]),
      ...setShare(0),
      probe,
    ];
    const { answers } = await runSetup({ diversion: diversionText(withShare(100)), steps });
    expect(answers.flat().map(isDiverted)).toEqual([true, false, true, ...broken.map(() => true), false]);
  });

  it('is the address of the connection, where no header names the client', async () => {
    const { answers } = await runSetup({
      diversion: diversionText(withShare(50), ['      clientHeader: X-Client-IP\n', '']),
      steps: [send(...requests.slice(0, 20))],
    });
    expect(answers[0]?.map(isDiverted)).toEqual(CLIENTS.slice(0, 20).map(() => drawOf('127.0.0.1') < 50));
  });
});
