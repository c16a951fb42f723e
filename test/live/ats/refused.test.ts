import { describe, expect, it } from 'vitest';
import { isRefusedPath } from '../../../webhook/core/refused-path.ts';
import { outsideAttacks, rawSpellings } from '../../conformance/outside-attacks.ts';
import { refusedSpellings } from '../../conformance/refused-spellings.ts';
import { type Change, diversionText } from '../../fixtures/diversions.ts';
import { findApache, SCRIPT_TEXT } from '../../stage/apache.ts';
import type { Answer } from '../live-request.ts';
import type { AtsOutput, Step } from './ats-run.ts';
import { get, runSetup, type Setup, send } from './setup.ts';

const MORE = Number(process.env['SHUNT_REQUESTS'] ?? 1200);
const SCRIPT = '/rpc/RunSingleJob.php';
const OURS = 'test.wikipedia.org';
const SPELLINGS = [...refusedSpellings(MORE), ...rawSpellings(SCRIPT)];
const PAGES = ['/', '/wiki/X', '/wiki/rpc/RunSingleJob.php', '/w/../wiki/X'];

const NOTHING_REFUSED: Change = [`    refusedOutside: [${SCRIPT}]\n`, '    refusedOutside: []\n'];
const isScript = ({ text }: Answer) => text?.includes(SCRIPT_TEXT) === true;

/** The way of the diverted host's requests to an Apache httpd, through rules that change no path. */
function run(followed: string, ...steps: readonly Step[]): Promise<AtsOutput> {
  const setup: Setup = {
    diversion: diversionText(),
    followed,
    remap: 'map / https://mw-web.discovery.wmnet:4450\n',
    apache: { folder: findApache(), script: SCRIPT },
    steps,
  };
  return runSetup(setup);
}

async function ask(followed: string, paths: readonly string[]): Promise<readonly Answer[]> {
  const requests = paths.map((path) => get(OURS, path));
  const { answers } = await run(followed, { kind: 'send', requests, atOnce: 4 });
  return answers[0] ?? [];
}

describe('a real web server behind Traffic Server', () => {
  it(`is asked for the script by none of ${SPELLINGS.length} spellings, and for pages`, async () => {
    const open = await ask(diversionText(NOTHING_REFUSED), SPELLINGS);
    const found = SPELLINGS.filter((_, index) => isScript(open[index] as Answer));
    // It finds the script by many; those that it does not find are other servers' business.
    expect(found.length).toBeGreaterThan(25);
    expect(found.filter((path) => !isRefusedPath([SCRIPT], path))).toEqual([]);

    const answers = await ask(diversionText(), [...SPELLINGS, ...PAGES]);
    expect(SPELLINGS.filter((_, index) => isScript(answers[index] as Answer))).toEqual([]);
    const refusedOrNot = SPELLINGS.filter(
      (path, index) => (answers[index]?.status === 403) !== isRefusedPath([SCRIPT], path),
    );
    expect(refusedOrNot.filter((path) => !isNoRequest(answers[SPELLINGS.indexOf(path)]))).toEqual([]);
    expect(answers.slice(SPELLINGS.length).map(({ status }) => status)).toEqual([200, 200, 404, 200]);
  });

  it('is asked for it by no method, target, header or hidden request, but would be', async () => {
    const texts = outsideAttacks(OURS, SCRIPT, 'X-Wikimedia-Debug');
    const [open, refused] = [
      await run(diversionText(NOTHING_REFUSED), { kind: 'bytes', texts }),
      await run(diversionText(), { kind: 'bytes', texts }),
    ];
    expect(open.scripts.length).toBeGreaterThan(25);
    expect(refused.scripts).toEqual([]);
  });

  it('is asked for it as before under other hosts', async () => {
    const requests = SPELLINGS.slice(0, 200).map((path) => get('en.wikipedia.org', path));
    const setup = { diversion: diversionText(), steps: [send(...requests)] };
    const [{ answers }, untouched] = [await runSetup(setup), await runSetup({ ...setup, untouched: true })];
    const told = (list: readonly Answer[] = []) =>
      list.map(({ status, seen, arrivals }) => [status, arrivals, seen?.site, seen?.authority, seen?.path]);
    expect(told(answers[0])).toEqual(told(untouched.answers[0]));
  });
});

/** What Traffic Server itself turns away, as it does for any host. */
function isNoRequest(answer: Answer | undefined): boolean {
  return answer?.status === 400 || answer?.status === 0;
}
