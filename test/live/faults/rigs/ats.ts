import path from 'node:path';
import { REMAP_FILE } from '../../../../webhook/edges/ats/files.ts';
import { WITHOUT_TLS } from '../../../conformance/driver.ts';
import type { AtsInput } from '../../../conformance/inside/ats.ts';
import type { ConformanceAnswer } from '../../../conformance/request.ts';
import { DEBUG_APART, diversionText } from '../../../fixtures/diversions.ts';
import { runInSandbox } from '../../../stage/sandbox.ts';
import { findTrafficServer } from '../../../stage/traffic-server-tool.ts';
import { planOf } from '../../ask.ts';
import { RECORDS, renderedFiles, scriptsOfToday, staged } from '../../ats/setup.ts';
import { oneByOne, type Rig, requestsFor } from './rig.ts';

const PROGRAM = path.join(import.meta.dirname, '../../../conformance/inside/ats.ts');
const WITHIN_MS = 300_000;

/** The CDN's Traffic Server with the rules of today and the diversion in them, at its plain door. */
export function atsRig(): Rig {
  const diversion = diversionText(DEBUG_APART);
  const requests = requestsFor(
    planOf(diversion),
    { method: 'GET', path: '/wiki/X' },
    { without: [...Object.keys(WITHOUT_TLS), 'HTTP/2'] },
  );
  return {
    name: REMAP_FILE,
    proxy: 'Traffic Server 9.2',
    outcomes: (variants) =>
      oneByOne(variants, ({ [REMAP_FILE]: rules = '', ...scripts }) => {
        const own = Object.entries(scripts).map(([name, text]) => [`lua/${name}`, text] as const);
        const files = {
          ...scriptsOfToday(),
          ...renderedFiles(diversion),
          ...Object.fromEntries(own),
          [REMAP_FILE]: staged(rules),
        };
        const input = {
          tool: findTrafficServer(),
          diversion,
          records: RECORDS,
          door: 'http',
          files,
          requests,
        };
        return runInSandbox<AtsInput, ConformanceAnswer[]>({
          program: PROGRAM,
          input: { ...input, door: 'http' },
          timeoutMs: WITHIN_MS,
        });
      }),
  };
}
