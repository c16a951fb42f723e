import { plan as makePlan } from '../../webhook/core/plan.ts';
import { atsFiles } from '../../webhook/edges/ats/files.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText, withHosts } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';
import { scriptsOfToday } from '../live/ats/setup.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { findTrafficServer, type TrafficServerTool } from '../stage/traffic-server-tool.ts';
import { BenchError } from './bench-error.ts';

export interface EdgesOptions {
  /** Requests of each kind. */
  readonly requests: number;
  readonly say: (text: string) => void;
}

/** What a number of diverted hosts costs at an edge. */
export interface EdgeMeasured {
  readonly hosts: number;
  /** From the text of the diversion to the files. */
  readonly renderMs: number;
  readonly bytes: number;
  /** Until the proxy takes requests. */
  readonly startMs: number;
  /** Each answer to a host that is not diverted, in microseconds: as it was, and with the diversion beside it. */
  readonly untouchedUs: readonly number[];
  readonly steppedUs: readonly number[];
}

export interface AtsBenchInput {
  readonly tool: TrafficServerTool;
  readonly diversion: string;
  readonly files: Readonly<Record<string, string>>;
  readonly requests: number;
}

export type AtsBenchOutput = Pick<EdgeMeasured, 'startMs' | 'untouchedUs' | 'steppedUs'>;

/** Hosts of the two rules that are compared; neither is diverted. */
export const UNTOUCHED_HOST = 'untouched.example';
export const STEPPED_HOST = 'stepped.example';

/** Diverted hosts. */
export const HOST_COUNTS = [1, 10, 100, 1000] as const;
const PROGRAM = new URL('inside/ats.ts', import.meta.url).pathname;
const TIMEOUT_MS = 300_000;
const ORIGIN = 'https://mw-web.discovery.wmnet:4450';

/** What a number of diverted hosts costs at the CDN, in answers from its cache. */
export async function measureEdges({ requests, say }: EdgesOptions): Promise<EdgeMeasured[]> {
  const tool = findTrafficServer();
  const all: EdgeMeasured[] = [];
  for (const hosts of HOST_COUNTS) {
    say(`${hosts} hosts: Traffic Server ...`);
    const names = Array.from({ length: hosts }, (_, index) => `wiki${index}.example.org`);
    const diversion = diversionText(withHosts(...names));
    const startMs = performance.now();
    const files = render(diversion);
    const renderMs = performance.now() - startMs;
    const bytes = Object.values(files).reduce((total, text) => total + text.length, 0);
    const input = { tool, diversion, files: staged(files, tool), requests };
    const run = { program: PROGRAM, input, timeoutMs: TIMEOUT_MS };
    all.push({ hosts, renderMs, bytes, ...(await runInSandbox<AtsBenchInput, AtsBenchOutput>(run)) });
  }
  return all;
}

/** The rule of today, with all its scripts, for one host alone; as rendered it has the step. */
function render(diversion: string): Readonly<Record<string, string>> {
  const parsed = parseDiversion(diversion);
  const rendered = parsed.ok ? atsFiles(makePlan(parsed.value), ruleFor(STEPPED_HOST)) : parsed;
  if (!rendered.ok) throw new BenchError(JSON.stringify(rendered.problems));
  return rendered.value.files;
}

function ruleFor(host: string): string {
  const rule = fixtureText('ats/remap.config')
    .split('\n')
    .find((line) => line.startsWith('map / '));
  return `${rule?.replace('map /', `map http://${host}`)}\n`;
}

/** The files where the server looks for them, with the rule that is compared beside the one with the step. */
function staged(
  { 'remap.config': rules = '', ...scripts }: Readonly<Record<string, string>>,
  tool: TrafficServerTool,
) {
  const all = `${ruleFor(UNTOUCHED_HOST)}${rules}map / ${ORIGIN}\n`;
  return {
    ...scriptsOfToday(),
    'remap.config': all.replaceAll('/usr/lib/trafficserver/modules', tool.modules),
    ...Object.fromEntries(Object.entries(scripts).map(([name, text]) => [`lua/${name}`, text])),
  };
}
