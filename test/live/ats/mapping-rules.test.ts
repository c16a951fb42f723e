import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { diversionText } from '../../fixtures/diversions.ts';
import { type Input, withFurther } from '../../fixtures/further-inputs.ts';
import { fixtureText } from '../../fixtures/read.ts';
import type { Answer } from '../live-request.ts';
import { decisionFor, faultOf, withoutDebug } from './expected.ts';
import { get, planOf, runSetup, send } from './setup.ts';
import { HOSTS, MOBILES, PATHS } from './table.ts';

const INPUTS = withFurther([{ name: 'our own', text: fixtureText('ats/mapping-rules.yaml') }], {
  'of 2024': 'ats-mapping-rules-2024.yaml',
});

interface MappingRule {
  readonly type: string;
  readonly target: string;
  readonly replacement: string;
  readonly params?: readonly string[];
}

/** The rules as Puppet writes them, a line each; those with scripts that the stage does not have are left out. */
function remapConfig({ text }: Input): string {
  const [rules] = Object.values(parse(text) as Record<string, MappingRule[]>);
  return (rules ?? [])
    .filter(
      ({ params = [], target }) => !/x-mediawiki-original/.test(params.join()) && !target.startsWith('ws:'),
    )
    .map(
      ({ type, target, replacement, params = [] }) => `${[type, target, replacement, ...params].join(' ')}\n`,
    )
    .join('');
}

const REQUESTS = [
  ...HOSTS.slice(0, 20).map((host) => get(host)),
  ...['test.wikipedia.org', 'en.wikipedia.org'].flatMap((host) => PATHS.map((path) => get(host, path))),
  get('test.wikipedia.org', '/w/api.php', 'X-Wikimedia-Debug: backend=k8s-mw-pretrain'),
  ...MOBILES,
];

describe.each(INPUTS)('rules that name the API service themselves, $name', (input) => {
  const diversion = diversionText();
  const plan = planOf(diversion);
  let runs: readonly (readonly Answer[])[] = [];

  beforeAll(async () => {
    const setup = { diversion, remap: remapConfig(input) };
    const plainly = REQUESTS.map(withoutDebug);
    const outputs = [
      await runSetup({ ...setup, steps: [send(...REQUESTS)] }),
      await runSetup({ ...setup, untouched: true, steps: [send(...REQUESTS)] }),
      await runSetup({ ...setup, untouched: true, steps: [send(...plainly)] }),
    ];
    runs = outputs.map(({ answers }) => answers[0] ?? []);
  });

  it('are followed in their order, and diverted where they lead to a declared upstream', () => {
    const faults = REQUESTS.flatMap((request, index) => {
      const [answer, before, plain] = runs.map((answers) => answers[index]) as [Answer, Answer, Answer];
      const decision = decisionFor(plan, request, plain);
      // Web and debug are one gateway here.
      const decided = decision.to === 'debug' ? { ...decision, to: 'web' as const } : decision;
      const fault = faultOf(decided, answer, before, plain);
      return fault ? [{ request, fault }] : [];
    });
    expect(faults).toEqual([]);
    expect(runs[0]?.filter(({ seen }) => seen?.site === 'target web').length).toBeGreaterThan(20);
  });
});

describe('rules of kinds that the CDN does not use today', () => {
  it('are followed and diverted by Traffic Server as any', async () => {
    const origin = 'https://mw-web.discovery.wmnet:4450';
    const remap = `Map_With_Referer http://test.wikipedia.org/ ${origin}/ https://home.example/ ~.*\nMAP http://en.wikipedia.org/ ${origin}/\n`;
    const requests = ['test.wikipedia.org', 'en.wikipedia.org'].map((host) => get(host));
    const { answers } = await runSetup({
      diversion: diversionText(),
      remap,
      probeHost: 'en.wikipedia.org',
      steps: [send(...requests)],
    });
    expect(answers[0]?.map(({ seen }) => seen?.site)).toEqual([
      'target web',
      'production mw-web.discovery.wmnet:4450',
    ]);
  });
});
