import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ended, temporaryFolder } from '../cli/run.ts';
import { found, inRepository } from '../fixtures/read.ts';
import { commandBlocks } from './commands.ts';
import { PAGES } from './pages.ts';

/** Files that the pages name, from the fixtures. */
const FILES: Readonly<Record<string, string>> = {
  'remap.config': 'ats/remap.config',
  'envoy.yaml': 'envoy/mesh.yaml',
  'manifests.yaml': 'pods/jobqueue.yaml',
  'today.yaml': 'ingress/published.yaml',
  'helmfile.d/admin_ng/values/ml-serve.yaml': 'knative/values.yaml',
  'new/ml-serve.yaml': 'knative/values.yaml',
};

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
        - {name: cart, image: "cart:1", env: [{name: API_URL, value: "https://api.example.org/v1"}]}
`;

const MAX_COMMAND_MS = 20_000;
const MAX_BLOCK_MS = 4 * MAX_COMMAND_MS;

/** A folder as the pages assume it, with the scripts of the checkout in it. */
function checkout(): string {
  const folder = temporaryFolder();
  for (const name of ['scripts', 'test', 'chart']) symlinkSync(inRepository(name), path.join(folder, name));
  for (const [name, fixture] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    copyFileSync(inRepository(`test/fixtures/${fixture}`), path.join(folder, name));
  }
  const page = readFileSync(inRepository('docs/getting-started.md'), 'utf8');
  const smallest = /<!-- example: the smallest diversion -->\n```yaml\n([\s\S]*?)```/.exec(page)?.[1];
  writeFileSync(path.join(folder, 'diversion.yaml'), found(smallest));
  writeFileSync(path.join(folder, 'deployment.yaml'), DEPLOYMENT);
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'bin/kubectl'), '#!/bin/sh\nexec cat deployment.yaml\n');
  chmodSync(path.join(folder, 'bin/kubectl'), 0o755);
  return folder;
}

function run(command: string, folder: string) {
  const { SHUNT_DIVERSION: _, ...env } = process.env;
  const PATH = `${path.join(folder, 'bin')}:${process.env['PATH']}`;
  const child = spawn('bash', ['-o', 'pipefail', '-c', command], {
    cwd: folder,
    env: { ...env, PATH, NO_COLOR: '1' },
    stdio: 'pipe',
    timeout: MAX_COMMAND_MS,
  });
  child.stdin.end();
  return ended(child);
}

/** Files of today have findings to tell, which is not a failure of the command. */
function mayEndWith(command: string): number[] {
  return / (?:analyze|render ingress) .*--(?:in|rendered) /.test(command) ? [0, 1] : [0];
}

const blocks = PAGES.flatMap((page) =>
  commandBlocks(readFileSync(inRepository(page), 'utf8')).map((block) => ({ page, ...block })),
);

describe.each(blocks)('commands of $page, line $line', ({ language, marked, commands }) => {
  it('say what they need, in a comment <!-- commands: cluster, run, setup --> in front of them', () => {
    const needs = [...new Set(commands.map(({ need }) => need))].sort();
    expect(language).toBe('console');
    expect(needs).not.toContain('unknown');
    expect(marked).toEqual(needs);
  });

  it('call scripts that exist', () => {
    const scripts = commands.flatMap(({ text }) => text.match(/\.\/scripts\/[a-z-]+/g) ?? []);
    expect(scripts.filter((script) => !existsSync(inRepository(script)))).toEqual([]);
  });
});

const runnable = blocks
  .map(({ page, line, commands }) => ({
    page,
    line,
    commands: commands.filter(({ need }) => need === 'run'),
  }))
  .filter(({ commands }) => commands.length > 0);

it.each(runnable)(
  'commands of $page, line $line, run, and print what the page shows',
  async ({ commands }) => {
    const folder = checkout();
    for (const { text, output } of commands) {
      if (text.includes('FOLDER')) await run('./scripts/shunt render sidecar --out FOLDER', folder);
      const result = await run(text, folder);
      expect(mayEndWith(text), `${text}\n${result.error}`).toContain(result.code);
      if (output.length > 0) expect(result.out).toBe(`${output.join('\n')}\n`);
    }
  },
);

describe(
  'blocks of commands',
  () => {
    it('are found with and without a mark, and in a block that names no language', () => {
      const page =
        '<!-- commands: run -->\n```console\n$ ./scripts/shunt analyze\nfine\n```\n\n```\n$ docker push x\n```\n';
      expect(commandBlocks(page)).toEqual([
        {
          line: 1,
          language: 'console',
          marked: ['run'],
          commands: [{ text: './scripts/shunt analyze', need: 'run', output: ['fine'] }],
        },
        {
          line: 7,
          language: '',
          marked: undefined,
          commands: [{ text: 'docker push x', need: 'unknown', output: [] }],
        },
      ]);
    });

    it('are on the pages', () => {
      expect(runnable.length).toBeGreaterThan(8);
    });
  },
  MAX_BLOCK_MS,
);
