import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diversionText } from '../fixtures/diversions.ts';
import { fixturePath, fixtureText } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

function fileWith(content: string | Buffer, name = 'given.yaml'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

const BOMB = [
  'a0: &a0 [x]',
  ...Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`),
].join('\n');

const LARGE = 50 * 1024 * 1024;

describe.concurrent('analyze', () => {
  it('finds nothing in what this repository renders, and says so in a line', async () => {
    const { code, out, error } = await shunt(['analyze']);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^no findings: the diversion and \d+ files follow it$/),
    ]);
  });

  it('has looked at hundreds of hosts within the time of a test', async () => {
    const more = Array.from({ length: 200 }, (_, index) => `    - w${index}.wikipedia.org\n`);
    const file = fileWith(
      diversionText(['    - test.wikipedia.org\n', `    - test.wikipedia.org\n${more.join('')}`]),
    );
    const { code, out } = await shunt(['analyze', '--diversion', file]);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^no findings/) });
  });

  it('groups what it finds by file, a remedy under each, and exits 1', async () => {
    const file = fixturePath('envoy/mesh.yaml');
    const { code, out } = await shunt(['analyze', '--in', file]);
    expect(code).toBe(1);
    const [title, finding, remedy] = linesOf(out);
    expect(title).toBe(file);
    expect(finding).toMatch(/^ {2}error +static_resources\..+ \[route-not-diverted\]$/);
    expect(remedy?.trim()).toMatch(/^divert /);
    const json = await shunt(['analyze', '--in', file, '--json']);
    expect(json.code).toBe(1);
    const { findings } = JSON.parse(json.out) as { findings: object[] };
    expect(findings[0]).toMatchObject({ file, code: 'route-not-diverted', severity: 'error' });
    expect(Object.keys(findings[0] ?? {}).sort()).toEqual(
      ['code', 'file', 'message', 'path', 'remedy', 'severity', 'value'].sort(),
    );
  });

  it('reads a folder of rendered files', async () => {
    const folder = temporaryFolder();
    await shunt(['render', 'ingress', '--out', folder]);
    await shunt(['render', 'sidecar', '--out', folder]);
    expect(await shunt(['analyze', '--rendered', folder])).toMatchObject({ code: 0, error: '' });
    const empty = await shunt(['analyze', '--rendered', temporaryFolder()]);
    expect(empty).toMatchObject({ code: 2, error: expect.stringContaining('holds no file') });
  });

  it('says of a kind of ingress that was rendered what rendering it says', async () => {
    const folder = temporaryFolder();
    const rendered = await shunt(['render', 'ingress', '--kind', 'ingress', '--out', folder]);
    expect(rendered).toMatchObject({ code: 1, error: expect.stringContaining('[ingress-sni-differs]') });
    const { code, out } = await shunt(['analyze', '--rendered', folder, '--failure-threshold', 'warning']);
    expect(code).toBe(1);
    expect(out).toContain('[ingress-sni-differs]');
  });

  it('exits 1 for errors alone unless told otherwise, and leaves out a check that is suppressed', async () => {
    const folder = temporaryFolder();
    await shunt(['render', 'ingress', '--kind', 'ingress', '--out', folder]);
    const given = ['analyze', '--rendered', folder];
    const warned = await shunt(given);
    expect(warned).toMatchObject({ code: 0, out: expect.stringContaining('[ingress-sni-differs]') });
    const suppressed = await shunt([...given, '--suppress', 'ingress-sni-differs']);
    expect(suppressed).toMatchObject({ code: 0, out: expect.stringContaining('no findings') });
    const unknown = await shunt([...given, '--suppress', 'ingress-sni-difers']);
    expect(unknown).toMatchObject({ code: 2, error: expect.stringContaining('docs/checks.md') });
  });

  it.each([
    ['an empty file', () => fileWith(''), 'analyze-empty'],
    ['a file of blanks', () => fileWith(' \n\t\n'), 'analyze-empty'],
    ['a NUL', () => fileWith('a\0b'), 'analyze-binary'],
    ['50 MB', () => fileWith(Buffer.alloc(LARGE, 'a: b\n')), 'analyze-too-large'],
    ['a YAML bomb', () => fileWith(BOMB), 'analyze-syntax'],
    ['a node that holds itself', () => fileWith('a: &a [*a]\n'), 'analyze-syntax'],
    ['no YAML', () => fileWith('a: [\n'), 'analyze-syntax'],
    ['words', () => fileWith('hello\n'), 'analyze-unknown'],
    ['other YAML', () => fileWith('a: b\n'), 'analyze-unknown'],
    ["an application's configuration", () => fixturePath('config/jobqueue.yaml'), 'analyze-unknown'],
    ['an object without apiVersion', () => fileWith('kind: Service\n'), 'analyze-unknown'],
    [
      'objects with something else',
      () => fileWith(`${fixtureText('pods/jobqueue.yaml')}\n---\nhello\n`),
      'analyze-unknown',
    ],
    ['a file that is not there', () => '/nowhere/envoy.yaml', 'file'],
  ])('does not take %s', async (_, file, problem) => {
    const { code, out, error } = await shunt(['analyze', '--in', file()]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(linesOf(error)).toEqual([expect.stringContaining(`[${problem}]`)]);
  });
});
