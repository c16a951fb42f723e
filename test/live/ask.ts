import { readFileSync } from 'node:fs';
import path from 'node:path';
import { plan as makePlan } from '../../webhook/core/plan.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import type { Answer, AnswersInput, LiveRequest } from './live-request.ts';

export const ROOT = path.join(import.meta.dirname, '../..');

/** The oldest and the newest Envoy that a sidecar must run on. */
export const ENVOY_VERSIONS = ['1.36.2', '1.40.0'] as const;

const PROGRAM = path.join(import.meta.dirname, 'inside/answers.ts');
const TIMEOUT_MS = 300_000;

/** The chart's own diversion. */
export const diversion = readFileSync(path.join(ROOT, 'chart/diversion.yaml'), 'utf8');

export function planOf(text: string): Plan {
  const parsed = parseDiversion(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return makePlan(parsed.value);
}

/** Runs Envoy of that version with the configuration, makes the requests, and gives the answers in their order. */
export function ask(
  version: string,
  config: string,
  requests: readonly LiveRequest[],
  more: Partial<Pick<AnswersInput, 'diversion' | 'jwks' | 'folder' | 'tlsVersion'>> = {},
): Promise<Answer[]> {
  const input = { envoy: findEnvoy(version), config, diversion, requests, ...more };
  return runInSandbox<AnswersInput, Answer[]>({ program: PROGRAM, input, timeoutMs: TIMEOUT_MS });
}
