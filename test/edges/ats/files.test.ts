import { describe, expect, it } from 'vitest';
import { atsFiles } from '../../../webhook/edges/ats/files.ts';
import { type Change, diversionPlan, SWITCHED_OFF, withHosts, withShare } from '../../fixtures/diversions.ts';
import { golden } from '../../fixtures/golden.ts';
import { fixtureText } from '../../fixtures/read.ts';

function filesOf(...changes: readonly Change[]): Readonly<Record<string, string>> {
  const rendered = atsFiles(diversionPlan(...changes), fixtureText('ats/remap.config'));
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.problems));
  return rendered.value.files;
}

describe('what Traffic Server is given', () => {
  it('without a file, is what the diversion has as the rules of today', () => {
    const rendered = atsFiles(diversionPlan());
    expect(rendered.ok && rendered.value.files['remap.config']).toMatch(
      /^map \/ https:\/\/mw-web.* @pparam=\S+shunt-testwiki\.lua @plugin=\S+ @pparam=\S+x-wikimedia-debug-routing\.lua .*\n$/,
    );
  });

  it('gives a job its limits, and no other target that has an allow-list', () => {
    const limit = '["proxy.config.http.transaction_active_timeout_out"]';
    const listed: Change = [
      '    debug:\n      address: mw-pretrain.discovery.wmnet\n',
      '    debug:\n      allow:\n        - { method: GET, path: /w/api.php }\n      address: mw-pretrain.discovery.wmnet\n',
    ];
    for (const changes of [[], [listed]]) {
      const script = filesOf(...changes)['shunt-testwiki.lua'] ?? '';
      expect(script.split(limit)).toHaveLength(2);
    }
  });

  it('has the share in force as a file of its own', () => {
    expect(filesOf(withShare(30))['shunt-testwiki.share']).toBe('30\n');
    expect(filesOf(SWITCHED_OFF)['shunt-testwiki.share']).toBe('0\n');
  });

  it('changes in the script and the share alone, for another share or host', () => {
    const { 'remap.config': rules } = filesOf();
    for (const change of [withShare(1), withHosts('test.wikipedia.org', 'a.example.org')])
      expect(filesOf(change)['remap.config']).toBe(rules);
    expect(filesOf(withHosts('a.example.org', 'test.wikipedia.org'))['shunt-testwiki.lua']).toContain(
      '["a.example.org"] = "a.example.org"',
    );
  });

  it('is the same bytes for hosts in another order', () => {
    const [one, two] = [
      filesOf(withHosts('a.org', 'test.wikipedia.org')),
      filesOf(withHosts('test.wikipedia.org', 'a.org')),
    ];
    expect(one).toEqual(two);
  });

  it.each<[string, Change, string]>([
    [
      'ats-certificate-names',
      [
        'certificateNames: [mw-pretrain-jobrunner.discovery.wmnet]',
        'certificateNames: [mw-pretrain.discovery.wmnet]',
      ],
      'spec.targets.jobrunner.certificateNames',
    ],
  ])('is nothing, for %s', (code, change, path) => {
    expect(atsFiles(diversionPlan(change))).toMatchObject({ ok: false, problems: [{ code, path }] });
  });

  it('is nothing without settings, or without rules', () => {
    const plan = diversionPlan();
    const { ats, ...edges } = plan.edges;
    expect(atsFiles({ ...plan, edges })).toMatchObject({
      ok: false,
      problems: [{ code: 'ats-settings-missing' }],
    });
    if (!ats) throw new Error('the diversion has settings');
    expect(atsFiles({ ...plan, edges: { ...edges, ats: { ...ats, rules: [] } } })).toMatchObject({
      ok: false,
      problems: [{ code: 'ats-rules-missing' }],
    });
  });
});

describe('the goldens', () => {
  it.each(Object.entries(filesOf()))('test/golden/ats/%s is what is rendered today', (name, text) => {
    expect(text).toBe(golden(`ats/${name}`, text));
  });
});
