import { describe, expect, it } from 'vitest';
import { revertRemap } from '../../../webhook/edges/ats/remap.ts';
import { diversionText, withHosts } from '../../fixtures/diversions.ts';
import type { Step } from './ats-run.ts';
import { get, renderedFiles, runSetup, send, staged, TODAY } from './setup.ts';

const diversion = diversionText();
const probe = send(get('test.wikipedia.org'), get('test2.wikipedia.org'), get('en.wikipedia.org'));

/** A file is read again where it is newer, by whole seconds. */
function deploy(files: Readonly<Record<string, string>>): Step[] {
  return [
    { kind: 'wait', ms: 1100 },
    ...Object.entries(files).map(([file, content]): Step => ({ kind: 'write', file, content })),
    { kind: 'reload' },
  ];
}

const reverted = (text: string): string => {
  const result = revertRemap(text, 'testwiki');
  return result.ok ? result.value : '';
};

describe('traffic_ctl config reload', () => {
  it('takes up another host, and takes the diversion in and out', async () => {
    const more = renderedFiles(diversionText(withHosts('test.wikipedia.org', 'test2.wikipedia.org')));
    const out = { 'remap.config': reverted(more['remap.config'] ?? '') };
    expect(out['remap.config']).toBe(staged(TODAY));
    const { answers } = await runSetup({
      diversion,
      untouched: true,
      steps: [
        probe,
        ...deploy(renderedFiles(diversion)),
        probe,
        ...deploy(more),
        probe,
        ...deploy(out),
        probe,
      ],
    });
    const sites = answers
      .filter((list) => list.length > 0)
      .map((list) => list.map(({ seen }) => seen?.site.split(' ')[0]));
    expect(sites).toEqual([
      ['production', 'production', 'production'],
      ['target', 'production', 'production'],
      ['target', 'target', 'production'],
      ['production', 'production', 'production'],
    ]);
  });

  it('drops no request, and mixes up no name, while it happens again and again', async () => {
    const slow = ['X-Stage-Delay-Ms: 300'];
    const requests = Array.from({ length: 200 }, (_, index) =>
      get(index % 2 === 0 ? 'test.wikipedia.org' : 'en.wikipedia.org', '/wiki/X', ...slow),
    );
    const files = renderedFiles(diversion);
    const touched = { ...files, 'remap.config': `# again\n${files['remap.config']}` };
    const steps: Step[] = [
      {
        kind: 'send',
        requests,
        atOnce: 4,
        during: [...deploy(touched), ...deploy(files), ...deploy(touched)],
      },
    ];
    const { answers } = await runSetup({ diversion, steps });
    const seen = answers[0]?.map((answer) => `${answer.status} ${answer.seen?.site.split(' ')[0]}`);
    expect(new Set(seen)).toEqual(new Set(['200 target', '200 production']));
    const ours = answers[0]?.filter((_, index) => index % 2 === 0) ?? [];
    expect(new Set(ours.map((answer) => answer.seen?.sni))).toEqual(new Set(['mw-pretrain.discovery.wmnet']));
  });

  it('keeps the old rules where the script is broken', async () => {
    const files = renderedFiles(diversion);
    const broken = {
      'lua/shunt-testwiki.lua': 'local data = {',
      'remap.config': `# newer\n${files['remap.config']}`,
    };
    const { answers, log } = await runSetup({
      diversion,
      steps: [
        probe,
        ...deploy({ ...files, ...broken }),
        probe,
        ...deploy({ ...files, 'remap.config': `# newest\n${files['remap.config']}` }),
        probe,
      ],
    });
    const sites = answers
      .filter((list) => list.length > 0)
      .map((list) => list.map(({ seen }) => seen?.site.split(' ')[0]));
    expect(sites).toEqual(Array.from({ length: 3 }, () => ['target', 'production', 'production']));
    expect(log).toContain('remap.config failed to load');
  });
});
