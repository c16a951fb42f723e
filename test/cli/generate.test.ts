import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diversionText } from '../fixtures/diversions.ts';
import { inRepository } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

const OTHERS = diversionText(['  name: testwiki\n', '  name: shop\n']);

/** A chart for another diversion, in a folder that is gone after the tests. */
async function otherChart(): Promise<{ folder: string; diversion: string }> {
  const base = temporaryFolder();
  const source = path.join(base, 'source.yaml');
  writeFileSync(source, OTHERS);
  const folder = path.join(base, 'chart');
  const { code, error } = await shunt(['generate', '-d', source, '--out', folder]);
  expect({ code, error }).toEqual({
    code: 0,
    error: expect.stringMatching(/^shunt generate: .*: \d+ of \d+ files written\n$/),
  });
  return { folder, diversion: path.join(folder, 'diversion.yaml') };
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .sort();
}

describe.concurrent('generate --check', () => {
  it("finds the repository's own chart up to date", async () => {
    const { code, out, error } = await shunt(['generate', '--check']);
    expect({ code, out, error }).toEqual({
      code: 0,
      out: `${inRepository('chart')}: all generated files are up to date\n`,
      error: '',
    });
  });

  it('names each file that is missing, differs, or is too many, and writes nothing', async () => {
    const { folder, diversion } = await otherChart();
    rmSync(path.join(folder, 'files/owned.json'));
    writeFileSync(path.join(folder, 'values.schema.json'), '{}');
    writeFileSync(path.join(folder, 'files/old.yaml'), '');
    const before = filesOf(folder);
    const { code, error } = await shunt(['generate', '--check', '-d', diversion]);
    expect(code).toBe(1);
    expect(linesOf(error)).toEqual(
      ['files/old.yaml', 'files/owned.json', 'values.schema.json'].map(
        (name) => `shunt generate: ${path.join(folder, name)}: is out of date; run shunt generate`,
      ),
    );
    expect(filesOf(folder)).toEqual(before);
    const json = await shunt(['generate', '--check', '-d', diversion, '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toEqual({
      folder,
      stale: ['files/old.yaml', 'files/owned.json', 'values.schema.json'],
    });
  });

  it('is satisfied once they are generated', async () => {
    const { folder, diversion } = await otherChart();
    writeFileSync(diversion, OTHERS.replace('share: 100', 'share: 7'));
    writeFileSync(path.join(folder, 'files/old.yaml'), '');
    expect((await shunt(['generate', '--check', '-d', diversion])).code).toBe(1);
    expect((await shunt(['generate', '-d', diversion])).code).toBe(0);
    expect((await shunt(['generate', '--check', '-d', diversion])).code).toBe(0);
    expect(filesOf(folder)).not.toContain('files/old.yaml');
  });
});

describe.concurrent('generate --out', () => {
  it('writes the same bytes twice, and all that our own chart has', async () => {
    const [first, second] = await Promise.all([otherChart(), otherChart()]);
    expect(filesOf(first.folder)).toEqual(filesOf(inRepository('chart')));
    for (const name of filesOf(first.folder))
      expect(readFileSync(path.join(first.folder, name), 'utf8')).toBe(
        readFileSync(path.join(second.folder, name), 'utf8'),
      );
    expect(readFileSync(first.diversion, 'utf8')).toBe(OTHERS);
  });

  it('replaces a chart of ours, and leaves nothing beside it', async () => {
    const { folder } = await otherChart();
    writeFileSync(path.join(folder, 'templates/gone.yaml'), 'kind: Gone\n');
    expect((await shunt(['generate', '--out', folder])).code).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(inRepository('chart')));
    expect(readdirSync(path.dirname(folder)).sort()).toEqual(['chart', 'source.yaml']);
  });

  it.each([
    ['notes.txt', 'is not a chart of this program, and not empty'],
    ['Chart.yaml', 'is not a chart of this program, and not empty'],
  ])('leaves a folder with %s alone', async (name, message) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, name), 'name: something-else\n');
    const { code, error } = await shunt(['generate', '--out', folder]);
    expect(code).toBe(2);
    expect(error).toBe(
      `shunt generate: ${folder}: ${message} (found "${name}"); name another folder, or empty this one [not-our-chart]\n`,
    );
    expect(filesOf(folder)).toEqual([name]);
  });

  it.each(['', '.', './'])('takes %j for the folder that it stands in, and leaves that alone', (out) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'precious'), '');
    const args = [inRepository('webhook/cli/main.ts'), 'generate', '--out', out];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('[not-our-chart]') });
    expect(filesOf(folder)).toEqual(['precious']);
  });

  it('leaves a chart alone in which somebody keeps more', async () => {
    const { folder } = await otherChart();
    writeFileSync(path.join(folder, 'values-eqiad.yaml'), '');
    const { code, error } = await shunt(['generate', '--out', folder]);
    expect({ code, error }).toEqual({
      code: 2,
      error: `shunt generate: ${folder}: has a file that does not belong to such a chart (found "values-eqiad.yaml"); name another folder, or empty this one [not-our-chart]\n`,
    });
  });
});

describe.concurrent('generate', () => {
  it('says so when the diversion lies in no chart', async () => {
    const file = path.join(temporaryFolder(), 'diversion.yaml');
    writeFileSync(file, OTHERS);
    const { code, error } = await shunt(['generate', '-d', file]);
    expect({ code, error }).toEqual({
      code: 2,
      error: `shunt generate: ${file}: is not the diversion.yaml of a chart of this program; add --out with a folder for a chart of its own [in-no-chart]\n`,
    });
  });
});
