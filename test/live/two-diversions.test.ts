import { describe, expect, it } from 'vitest';
import { divertText, revertText } from '../../webhook/edges/envoy/text.ts';
import { withFurther } from '../fixtures/further-inputs.ts';
import { gatewayBootstrap } from '../fixtures/gateway/bootstrap.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf } from './ask.ts';
import type { LiveRequest } from './live-request.ts';

const ORIGINALS = withFurther([{ name: 'a REST gateway', text: gatewayBootstrap() }], {
  'the deployed REST gateway': 'envoy/rest-gateway.yaml',
});

/** The same diversion for two hosts, and a second one to another environment. */
const first = withHosts(diversion, 'test.wikipedia.org', 'test.wikidata.org');
const second = withHosts(diversion, 'en.wikipedia.org', 'www.wikidata.org')
  .replace('name: testwiki', 'name: another')
  .replaceAll('mw-pretrain', 'mw-another');
const [one, two] = [planOf(first), planOf(second)];

function withHosts(text: string, ...hosts: readonly string[]): string {
  return text.replace('    - test.wikipedia.org\n', hosts.map((host) => `    - ${host}\n`).join(''));
}

function text(result: ReturnType<typeof revertText>): string {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

function divert(config: string, plan: typeof one): string {
  const result = divertText(config, plan);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(result.value.report.unsupported).toEqual([]);
  return result.value.text;
}

const PRODUCTION = 'mw-api-ext-ro.discovery.wmnet';
const GATEWAYS = { one: 'mw-pretrain.discovery.wmnet', two: 'mw-another.discovery.wmnet', none: '' } as const;

const CASES: readonly [authority: string, path: string, to: keyof typeof GATEWAYS][] = [
  ['test.wikipedia.org', '/w/api.php', 'one'],
  ['test.wikidata.org', '/w/api.php', 'one'],
  ['en.wikipedia.org', '/w/api.php', 'two'],
  ['de.wikipedia.org', '/w/api.php', 'none'],
  ['localhost:6033', '/test.wikidata.org/v1/page/html/X', 'one'],
  ['localhost:6033', '/en.wikipedia.org/v1/page/html/X', 'two'],
  ['localhost:6033', '/de.wikipedia.org/v1/page/html/X', 'none'],
  ['test.wikipedia.org', '/core/v1/wikipedia/en/page/X', 'two'],
  ['en.wikipedia.org', '/core/v1/wikipedia/test/page/X', 'one'],
  ['test.wikipedia.org', '/core/v1/wikidata/page/X', 'two'],
  ['test.wikipedia.org', '/core/v1/commons/page/X', 'none'],
];

describe.each(ORIGINALS)('two diversions of $name', ({ text: original }) => {
  const both = divert(divert(original, one), two);

  it('bytes come back, whichever diversion is taken out first', () => {
    const [withoutOne, withoutTwo] = [text(revertText(both, 'testwiki')), text(revertText(both, 'another'))];
    expect(withoutOne).toBe(divert(original, two));
    expect(withoutTwo).toBe(divert(original, one));
    expect(text(revertText(withoutOne, 'another'))).toBe(original);
    expect(text(revertText(withoutTwo, 'testwiki'))).toBe(original);
    expect(divert(divert(both, one), two)).toBe(both);
  });

  it.each(ENVOY_VERSIONS)(
    'each diverts its own hosts, by Host and by path, with Envoy %s',
    async (version) => {
      const requests = CASES.map(([authority, wanted]): LiveRequest => {
        return { address: '127.0.0.1', port: 8087, tls: true, method: 'GET', path: wanted, authority };
      });
      // The gateway of the stage knows one environment; what the other one's answers is known by its SNI.
      const answers = await ask(version, both, requests, { diversion: first });
      const seen = answers.map((answer) =>
        answer.seen?.site.startsWith(PRODUCTION) ? '' : answer.seen?.sni,
      );
      expect(seen).toEqual(CASES.map(([, , to]) => GATEWAYS[to]));
    },
  );
});
