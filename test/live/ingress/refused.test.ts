import { beforeAll, describe, expect, it } from 'vitest';
import { ingressObjects } from '../../../webhook/edges/ingress/objects.ts';
import { INGRESS_KINDS, type IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import { asking, outsideAttacks, overHttp2, rawSpellings } from '../../conformance/outside-attacks.ts';
import { refusedSpellings } from '../../conformance/refused-spellings.ts';
import { findApache } from '../../stage/apache.ts';
import { diversion, planOf } from '../ask.ts';
import { ASK_TIMEOUT_MS, askForScript } from './ask.ts';
import type { RefusedOutput } from './requests.ts';

const MORE = Number(process.env['SHUNT_REQUESTS'] ?? 1200);
const SCRIPT = '/rpc/RunSingleJob.php';
/** A session each takes longer. */
const HTTP2_EVERY = 5;
const PAGES = ['/', '/wiki/X', '/w/../wiki/X'];

const plan = planOf(diversion);
const [host = ''] = plan.hosts;
const spellings = [...refusedSpellings(MORE), ...rawSpellings(SCRIPT)];
const attacks = outsideAttacks(host, SCRIPT, plan.edges.debug?.header ?? '');

const reached = new Map<IngressKind, RefusedOutput>();

// Each kind has a controller and a network of its own, and mostly waits.
beforeAll(async () => {
  const asked = {
    apache: { folder: findApache(), script: SCRIPT },
    asked: [...spellings, ...PAGES].map((path) => asking(host, path)),
    attacks,
    http2: overHttp2(
      host,
      SCRIPT,
      spellings.filter((_, index) => index % HTTP2_EVERY === 0),
    ),
  };
  await Promise.all(
    INGRESS_KINDS.map(async (kind) => {
      const objects = ingressObjects(kind, plan);
      if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
      reached.set(kind, await askForScript(kind, objects.value, asked));
    }),
  );
}, ASK_TIMEOUT_MS);

describe.each(INGRESS_KINDS)('a real web server behind an ingress of kind %s', (kind) => {
  it(`is asked for the script by none of ${spellings.length} spellings and ${attacks.length} attacks`, () => {
    const answers = reached.get(kind);
    // It finds the script by many; those that it does not find are other servers' business.
    expect(answers?.directly.length).toBeGreaterThan(25);
    expect(answers?.reached).toEqual([]);
    expect(answers?.jobs).toBe(0);
    expect(answers?.others).toBeGreaterThan(PAGES.length);
  });
});
