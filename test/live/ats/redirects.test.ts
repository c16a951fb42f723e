import { describe, expect, it } from 'vitest';
import { diversionText } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import { get, runSetup, send, withRecords } from './setup.ts';

const OURS = 'test.wikipedia.org';
const ELSEWHERE = [
  'https://mw-web.discovery.wmnet:4450/wiki/Y',
  'https://mwdebug.discovery.wmnet:4444/wiki/Y',
  'https://mw-pretrain.discovery.wmnet:30443/wiki/Y',
];

const redirected = (host: string, location: string) =>
  get(host, '/wiki/X', 'X-Stage-Status: 302', `X-Stage-Location: ${location}`);

const REQUESTS = [
  redirected(OURS, '/wiki/Y'),
  ...ELSEWHERE.flatMap((location) => [redirected(OURS, location), redirected('en.wikipedia.org', location)]),
  get(OURS),
];

const told = ({ status, arrivals, seen }: Answer) => {
  // Production's own connections are shared by address, so the SNI there is whichever came first.
  const by = seen?.site.startsWith('production') ? '' : ` by ${seen?.sni}`;
  return `${status} after ${arrivals}: ${seen?.authority}${seen?.path}${by} at ${seen?.site}`;
};

describe('a server that follows redirects itself', () => {
  it.each([0, 1])('does so for diverted requests as for any, where it follows %i', async (followed) => {
    const records = withRecords({
      number_of_redirections: `INT ${followed}`,
      'redirect.actions': 'STRING self:follow,loopback:follow,private:follow,routable:follow',
      'server_session_sharing.match': 'STRING none',
    });
    const setup = { diversion: diversionText(), records, steps: [send(...REQUESTS)] };
    const [{ answers }, untouched] = [await runSetup(setup), await runSetup({ ...setup, untouched: true })];
    const [first, ...others] = answers[0]?.slice(0, -1).map(told) ?? [];
    const at = followed === 0 ? '/wiki/X' : '/wiki/Y';
    const expected = `302 after ${followed + 1}: ${OURS}${at} by mw-pretrain.discovery.wmnet at target web`;
    expect(first).toBe(expected);
    const before = untouched.answers[0]?.slice(1, -1).map(told);
    const isFirst = (index: number) => followed === 0 && index % 2 === 0;
    expect(others).toEqual(before?.map((text, index) => (isFirst(index) ? expected : text)));
    expect(answers[0]?.at(-1)?.seen?.site).toBe('target web');
  });
});
