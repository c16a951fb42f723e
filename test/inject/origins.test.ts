import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findWorkload, type Listener } from '../../webhook/core/plan.ts';
import { findLeftovers, originsOf, replaceOrigins } from '../../webhook/inject/origins.ts';
import { type Change, diversionPlan, NOTHING_BEHIND_INGRESS } from '../fixtures/diversions.ts';
import { fixtureText, found } from '../fixtures/read.ts';
import { RUNS } from '../property/runs.ts';

function listenersOf(name: string, ...changes: readonly Change[]): readonly Listener[] {
  return found(findWorkload(diversionPlan(...changes), name)).listeners;
}

const JOBS = listenersOf('jobqueue');
const ORIGIN = 'https://mw-jobrunner.discovery.wmnet:4448';
const LED = 'http://127.0.0.1:6506';

describe.each([
  ['changeprop', 'https://mw-api-int.discovery.wmnet:4446', 'http://127.0.0.1:6501', 1],
  ['jobqueue', ORIGIN, LED, 3],
])('the configuration of %s', (name, origin, led, expected) => {
  const before = fixtureText(`config/${name}.yaml`);
  const { text, count } = replaceOrigins(before, listenersOf(name));

  it('differs in the captured origins, and in no other byte', () => {
    expect(count).toBe(expected);
    expect(text).toBe(before.split(origin).join(led));
    expect(text).not.toBe(before);
  });

  it('has nothing left over', () => {
    expect(findLeftovers(text, listenersOf(name))).toEqual([]);
  });

  it('is captured once', () => {
    expect(replaceOrigins(text, listenersOf(name))).toEqual({ text, count: 0 });
  });
});

describe('an origin is led to the listener', () => {
  it.each([
    ['alone', ORIGIN, LED],
    ['with a path', `${ORIGIN}/rpc/RunSingleJob.php?a=b#c`, `${LED}/rpc/RunSingleJob.php?a=b#c`],
    ['in quotes', `"${ORIGIN}"`, `"${LED}"`],
    ['in angle brackets', `<${ORIGIN}>`, `<${LED}>`],
    ['behind an equals sign', `a=${ORIGIN},b`, `a=${LED},b`],
    ['in capitals', 'HTTPS://MW-JobRunner.discovery.WMNET:4448/x', `${LED}/x`],
    ['with a trailing dot', 'https://mw-jobrunner.discovery.wmnet.:4448/x', `${LED}/x`],
    [
      'with slashes escaped as in JSON',
      'https:\\/\\/mw-jobrunner.discovery.wmnet:4448\\/x',
      'http:\\/\\/127.0.0.1:6506\\/x',
    ],
    ['as an address', 'https://10.2.1.90:4448/x', `${LED}/x`],
    ['twice in a line', `${ORIGIN} ${ORIGIN}`, `${LED} ${LED}`],
  ])('%s', (_, before, after) => {
    expect(replaceOrigins(before, JOBS).text).toBe(after);
  });
});

describe('a near miss is kept', () => {
  it.each([
    ['a longer port', `${ORIGIN}1/x`],
    ['a shorter port', 'https://mw-jobrunner.discovery.wmnet:444/x'],
    ['no port', 'https://mw-jobrunner.discovery.wmnet/x'],
    ['a prefix of the host', 'https://xmw-jobrunner.discovery.wmnet:4448/x'],
    ['a subdomain', 'https://a.mw-jobrunner.discovery.wmnet:4448/x'],
    ['a suffix of the host', 'https://mw-jobrunner.discovery.wmnet.evil.example:4448/x'],
    ['another character for the dot', 'https://mw-jobrunnerXdiscovery.wmnet:4448/x'],
    ['another scheme', 'http://mw-jobrunner.discovery.wmnet:4448/x'],
    ['a scheme that ends in https', 'xhttps://mw-jobrunner.discovery.wmnet:4448/x'],
    ['no scheme', 'mw-jobrunner.discovery.wmnet:4448'],
    ['user information', 'https://a@mw-jobrunner.discovery.wmnet:4448/x'],
    ['another service on the same port', 'https://mw-api-int.discovery.wmnet:4448/x'],
    ['two escapes', 'https:\\\\/\\\\/mw-jobrunner.discovery.wmnet:4448'],
  ])('%s', (_, text) => {
    expect(replaceOrigins(text, JOBS)).toEqual({ text, count: 0 });
  });
});

describe('what still names an upstream is reported with its line', () => {
  it.each([
    ['host and port alone', 'a\nproxy: mw-jobrunner.discovery.wmnet:4448\n', 2],
    ['another scheme', 'http://mw-jobrunner.discovery.wmnet:4448', 1],
    ['an address', 'host: 10.2.2.90\n', 1],
    ['capitals and a full stop', 'See MW-JOBRUNNER.discovery.wmnet.\n', 1],
  ])('%s', (_, text, line) => {
    expect(findLeftovers(text, JOBS)).toMatchObject([{ line }]);
  });

  it.each([
    'xmw-jobrunner.discovery.wmnet',
    'mw-jobrunner.discovery.wmnet.evil.example',
    '10.2.2.901',
    '110.2.2.90',
    'mw-jobrunner',
  ])('but not %s', (text) => {
    expect(findLeftovers(text, JOBS)).toEqual([]);
  });
});

describe('special upstreams', () => {
  const at443 = listenersOf(
    'jobqueue',
    ['port: 4448\n      listenerPort', 'port: 443\n      listenerPort'],
    NOTHING_BEHIND_INGRESS,
  );

  it.each([
    ['https://mw-jobrunner.discovery.wmnet/x', `${LED}/x`],
    ['https://mw-jobrunner.discovery.wmnet:443/x', `${LED}/x`],
    ['https://mw-jobrunner.discovery.wmnet', LED],
    ['https://mw-jobrunner.discovery.wmnet:4430/x', 'https://mw-jobrunner.discovery.wmnet:4430/x'],
    [
      'https://mw-jobrunner.discovery.wmnet.evil.example/',
      'https://mw-jobrunner.discovery.wmnet.evil.example/',
    ],
  ])('at port 443 the port may be absent: %s', (before, after) => {
    expect(replaceOrigins(before, at443).text).toBe(after);
  });

  const atIpv6 = listenersOf('jobqueue', [
    'addresses: [mw-jobrunner.discovery.wmnet,',
    'sni: mw-jobrunner.discovery.wmnet\n      addresses: ["2620:0:860::90",',
  ]);

  it('an IPv6 address stands in brackets', () => {
    expect(replaceOrigins('https://[2620:0:860::90]:4448/x', atIpv6).text).toBe(`${LED}/x`);
    expect(originsOf(atIpv6)).toContain('https://[2620:0:860::90]:4448');
  });
});

it('keeps every byte around an origin, whatever they are', () => {
  const bytes = fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array).toString('latin1'));
  fc.assert(
    fc.property(bytes, bytes, (before, after) => {
      fc.pre(!/[A-Za-z0-9+.-]$/.test(before) && !/^[0-9]/.test(after));
      expect(replaceOrigins(`${before}${ORIGIN}${after}`, JOBS).text).toBe(`${before}${LED}${after}`);
    }),
    { numRuns: RUNS },
  );
});
