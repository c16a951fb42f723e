import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

const TODAY = fixturePath('ats/remap.config');

function fileWith(text: string): string {
  const file = path.join(temporaryFolder(), 'remap.config');
  writeFileSync(file, text);
  return file;
}

describe.concurrent('render ats', () => {
  it('writes the rules, the script and the share, the same bytes twice, and takes the rules back', async () => {
    const [one, two, back] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    for (const folder of [one, two])
      expect(await shunt(['render', 'ats', '--in', TODAY, '--out', folder])).toMatchObject({
        code: 0,
        out: '',
      });
    expect(readdirSync(one).sort()).toEqual(['remap.config', 'shunt-testwiki.lua', 'shunt-testwiki.share']);
    for (const name of readdirSync(one))
      expect(readFileSync(path.join(one, name))).toEqual(readFileSync(path.join(two, name)));
    const args = ['render', 'ats', '--revert', '--in', path.join(one, 'remap.config'), '--out', back];
    expect(await shunt(args)).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(back, 'remap.config'))).toEqual(readFileSync(TODAY));
  });

  it('prints all three, or one object', async () => {
    const { code, out } = await shunt(['render', 'ats']);
    expect(code).toBe(0);
    expect(out.match(/^==> .* <==$/gm)).toHaveLength(3);
    const { out: json } = await shunt(['render', 'ats', '--json', '--in', '-'], readFileSync(TODAY, 'utf8'));
    expect(Object.keys((JSON.parse(json) as { files: object }).files)).toHaveLength(3);
  });

  it('says what it found, and exits 1', async () => {
    const round = fileWith(
      'map / https://mw-web.discovery.wmnet:4450\nmap http://test.wikipedia.org https://elsewhere.example\n',
    );
    const found = await shunt(['render', 'ats', '--in', round]);
    expect(found.code).toBe(1);
    expect(linesOf(found.error)).toEqual([
      `shunt render: ${round}:2: test.wikipedia.org bypasses the diversion: https://elsewhere.example is not a declared upstream`,
    ]);
    const nothing = await shunt(['render', 'ats', '--in', fileWith('map / https://elsewhere.example\n')]);
    expect(nothing.code).toBe(1);
    expect(nothing.error).toContain('[ats-nothing-to-divert]');
  });

  it.each([
    ['an empty file', () => fileWith(''), 'ats-not-remap'],
    ['an Envoy configuration', () => fileWith('static_resources: {}\n'), 'ats-not-remap'],
    ['a file that is not there', () => '/nowhere/remap.config', 'file'],
  ])('writes nothing for %s', async (_, file, code) => {
    const folder = temporaryFolder();
    const ended = await shunt(['render', 'ats', '--in', file(), '--out', folder]);
    expect(ended.code).toBe(2);
    expect(ended.error).toContain(`[${code}]`);
    expect(linesOf(ended.error)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
