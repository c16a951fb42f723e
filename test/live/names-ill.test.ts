import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import type { NameFate } from '../stage/resolver.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import { injectedJobqueue } from './injected.ts';
import type { IllInput, IllOutput } from './inside/ill.ts';
import type { AnswersInput } from './live-request.ts';

const TARGET = 'mw-pretrain.discovery.wmnet';
const PRODUCTION = 'mw-jobrunner.discovery.wmnet';
const TIMEOUT_MS = 120_000;

/** Envoy gives a lookup up after ten seconds or more; a start that took less did not wait for one. */
const MAX_START_MS = 6000;

const FATES: readonly [what: string, fate: NameFate][] = [
  ['is not answered', 'silent'],
  ['does not exist', 'no-such-name'],
  ['is refused by the resolver', 'refused'],
  ['fails at the resolver', 'failed'],
  ['is answered late', { lateMs: 8000 }],
];

const other = { status: 200, site: `production ${PRODUCTION}:4448` };
const unreachable = { status: 503 };

describe.each(ENVOY_VERSIONS)('a sidecar whose resolver is ill, with Envoy %s', (version) => {
  const run = (names: NonNullable<IllInput['names']>): Promise<IllOutput> =>
    runInSandbox<IllInput, IllOutput>({
      program: path.join(import.meta.dirname, 'inside/ill.ts'),
      input: {
        ...injectedJobqueue(version),
        names,
        hosts: ['en.wikipedia.org', 'test.wikipedia.org', 'en.wikipedia.org'],
      },
      timeoutMs: TIMEOUT_MS,
    });

  it.each(FATES)('serves other hosts at once when the name of the target %s', async (_what, fate) => {
    const { startMs, answers } = await run({ [TARGET]: fate });
    expect(answers).toEqual([other, unreachable, other]);
    expect(startMs).toBeLessThan(MAX_START_MS);
  });

  it('keeps waiting for the names of production, whatever becomes of the target', async () => {
    const { answers } = await run({ [TARGET]: 'refused', [PRODUCTION]: { lateMs: 700 } });
    expect(answers).toEqual([other, unreachable, other]);
  });
});

describe.each(ENVOY_VERSIONS)('a diverted Envoy of a mesh, with Envoy %s', (version) => {
  const untouched = readFileSync(path.join(ROOT, 'test/fixtures/envoy/mesh.yaml'), 'utf8');
  const firstAnswerMs = (config: string, ill: NonNullable<AnswersInput['ill']>): Promise<number> =>
    runInSandbox<AnswersInput, number>({
      program: path.join(import.meta.dirname, 'inside/first-answer.ts'),
      input: { envoy: findEnvoy(version), config, diversion, requests: [], ill },
      timeoutMs: TIMEOUT_MS,
    });

  it('answers as early as the untouched one while the name of the target is not answered', async () => {
    const diverted = divertText(untouched, planOf(diversion));
    if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
    const [before, after] = [
      await firstAnswerMs(untouched, { [TARGET]: 'silent' }),
      await firstAnswerMs(diverted.value.text, { [TARGET]: 'silent' }),
    ];
    expect(before).toBeLessThan(MAX_START_MS);
    expect(after).toBeLessThan(MAX_START_MS);
  });
});
