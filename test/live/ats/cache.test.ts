import { describe, expect, it } from 'vitest';
import { diversionText, withShare } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import type { WireRequest } from './ats-run.ts';
import { get, runSetup, send, setShare } from './setup.ts';

const OURS = 'test.wikipedia.org';
const OTHER = 'en.wikipedia.org';
const CACHEABLE = 'X-Stage-Cache-Control: max-age=600';
const client = (address: string) => `X-Client-IP: ${address}`;

const page = (host: string, ...headers: readonly string[]) =>
  get(host, '/wiki/Cached', CACHEABLE, ...headers);
const purge = (host: string): WireRequest => ({ ...page(host), method: 'PURGE' });

const diversion = diversionText(withShare(100));

/** Which environment made an answer, and whether for this request. */
function origin({ status, seen, arrivals }: Answer): string {
  const site = seen?.site.split(' ')[0] ?? String(status);
  return arrivals === 0 && seen ? `${site}, cached` : site;
}

describe('the cache', () => {
  it('never serves for one environment what the other answered, while the share goes to and fro', async () => {
    const round = send(page(OURS), page(OURS), page('TEST.wikipedia.org.:80'));
    const steps = [0, 100, 0, 100].flatMap((share) => [...setShare(share), round]);
    const { answers } = await runSetup({ diversion, steps });
    expect(answers.filter((list) => list.length > 0).map((list) => list.map(origin))).toEqual([
      ['production', 'production, cached', 'production'],
      ['target', 'target', 'target'],
      ['production, cached', 'production, cached', 'production, cached'],
      ['target', 'target', 'target'],
    ]);
  });

  it('does so at a share between, where clients of both environments ask for the same page', async () => {
    const clients = Array.from({ length: 60 }, (_, index) => client(`10.0.0.${index}`));
    const rounds = send(...[...clients, ...clients].map((header) => page(OURS, header)));
    const { answers } = await runSetup({ diversion: diversionText(withShare(50)), steps: [rounds] });
    const [first = [], again = []] = [answers[1 - 1]?.slice(0, 60), answers[0]?.slice(60)];
    const made = (answer: Answer) => origin(answer).replace(', cached', '');
    expect(again.map(made)).toEqual(first.map(made));
    expect(new Set(again.map(origin))).toEqual(new Set(['target', 'production, cached']));
  });

  it('is purged of production pages of the diverted host, and of no other', async () => {
    const pages = send(page(OURS), page(OTHER));
    const steps = [
      ...setShare(0),
      pages,
      ...setShare(100),
      send(purge(OURS), purge(OURS)),
      ...setShare(0),
      pages,
    ];
    const { answers } = await runSetup({ diversion, steps });
    expect(answers.filter((list) => list.length > 0).map((list) => list.map(origin))).toEqual([
      ['production', 'production'],
      ['200', '404'],
      ['production', 'production, cached'],
    ]);
    expect(answers.flat().filter(({ arrivals }) => (arrivals ?? 0) > 0)).toHaveLength(3);
  });

  it('serves other hosts, and is purged of them, as it did before', async () => {
    const requests = [
      OTHER,
      'www.wikidata.org',
      '15.wikipedia.org',
      'test.wikipedia.org.evil.example',
    ].flatMap((host) => [page(host), page(host), page(OURS), purge(host), page(host), page(host)]);
    const others = (answers: readonly Answer[] = []) =>
      answers.map(origin).filter((_, index) => index % 6 !== 2);
    const diverted = await runSetup({ diversion, steps: [send(...requests)] });
    const untouched = await runSetup({ diversion, steps: [send(...requests)], untouched: true });
    expect(others(diverted.answers[0])).toEqual(others(untouched.answers[0]));
    expect(others(diverted.answers[0])).toContain('production, cached');
  });
});
