import path from 'node:path';
import { REMAP_FILE } from '../../../webhook/edges/ats/files.ts';
import { DEBUG_APART, diversionText } from '../../fixtures/diversions.ts';
import { RECORDS, renderedFiles, scriptsOfToday, staged, TODAY } from '../../live/ats/setup.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { findTrafficServer } from '../../stage/traffic-server-tool.ts';
import { type Driver, WITHOUT_TLS } from '../driver.ts';
import type { AtsInput } from '../inside/ats.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/ats.ts');
const PLAIN_SKIPS = { ...WITHOUT_TLS, 'HTTP/2': 'it speaks HTTP/2 only where it ends TLS' };
const WITHIN_MS = 3_600_000;

/** The CDN's Traffic Server with the rules of today, with the diversion in them and without, at one of its doors. */
export function atsDriver(door: 'http' | 'https'): Driver {
  const diversion = diversionText(DEBUG_APART);
  const untouchedFiles = { ...scriptsOfToday(), [REMAP_FILE]: staged(TODAY) };
  return {
    name: `Traffic Server, ${door}`,
    edge: 'ats',
    diversion,
    method: 'GET',
    path: '/wiki/X',
    skips: door === 'http' ? PLAIN_SKIPS : {},
    ask: async (requests) => {
      const input = { tool: findTrafficServer(), diversion, records: RECORDS, door };
      const run = (files: AtsInput['files'], asked: readonly ConformanceRequest[]) =>
        runInSandbox<AtsInput, ConformanceAnswer[]>({
          program: PROGRAM,
          input: { ...input, files, requests: asked },
          timeoutMs: WITHIN_MS,
        });
      const diverted = await run({ ...scriptsOfToday(), ...renderedFiles(diversion) }, requests);
      const before = await run(untouchedFiles, [...requests, ...requests.map(withoutDebug)]);
      return {
        diverted: diverted.map(withoutChance),
        untouched: before.slice(0, requests.length).map(withoutChance),
        plainly: before.slice(requests.length).map(withoutChance),
      };
    },
  };
}

function withoutDebug(request: ConformanceRequest): ConformanceRequest {
  const headers = Object.entries(request.headers ?? {}).filter(
    ([name]) => name.toLowerCase() !== 'x-wikimedia-debug',
  );
  return { ...request, headers: Object.fromEntries(headers) };
}

/** Connections of today's rules are shared by address, so the SNI there is that of whoever came first. */
function withoutChance(answer: ConformanceAnswer): ConformanceAnswer {
  if (answer.site?.startsWith('target')) return answer;
  const { sni: _, ...rest } = answer;
  return rest;
}
