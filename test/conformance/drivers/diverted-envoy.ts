import path from 'node:path';
import { divertText } from '../../../webhook/edges/envoy/text.ts';
import { diversion, planOf } from '../../live/ask.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import type { Driver } from '../driver.ts';
import type { EnvoyInput } from '../inside/envoy.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';
import type { Door } from '../send.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/envoy.ts');
const WITHIN_MS = 3_600_000;

export interface DivertedEnvoy
  extends Pick<Driver, 'name' | 'edge' | 'upstream' | 'method' | 'path' | 'skips'> {
  /** The configuration without the diversion. */
  readonly config: string;
  readonly version: string;
  readonly door: Door;
}

/** An Envoy that somebody runs already, beside itself with the diversion added. */
export function divertedEnvoyDriver({ config, version, door, ...driver }: DivertedEnvoy): Driver {
  return {
    ...driver,
    name: `${driver.name}, Envoy ${version}`,
    ask: async (requests) => {
      const diverted = divertText(config, planOf(diversion));
      if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
      const run = (text: string) => runEnvoy(version, text, door, requests);
      return { untouched: await run(config), diverted: await run(diverted.value.text) };
    },
  };
}

/** The answers of an Envoy with that configuration, at one of its doors. */
export function runEnvoy(
  version: string,
  config: string,
  door: Door,
  requests: readonly ConformanceRequest[],
): Promise<ConformanceAnswer[]> {
  const input = { envoy: findEnvoy(version), config, diversion, door, requests };
  return runInSandbox<EnvoyInput, ConformanceAnswer[]>({ program: PROGRAM, input, timeoutMs: WITHIN_MS });
}
