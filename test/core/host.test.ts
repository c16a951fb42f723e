import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOf } from '../../webhook/core/host.ts';
import { RUNS } from '../property/runs.ts';

const HOST = 'test.wikipedia.org';

describe('hostOf', () => {
  it.each([
    ['as it is', HOST],
    ['capitals', 'TEST.Wikipedia.ORG'],
    ['a port', `${HOST}:6501`],
    ['a colon without digits, as RFC 3986 allows', `${HOST}:`],
    ['one trailing dot', `${HOST}.`],
    ['a trailing dot and a port', `${HOST}.:443`],
    ['all at once', 'TEST.WIKIPEDIA.ORG.:6501'],
  ])('reads the same host with %s', (_, authority) => {
    expect(hostOf(authority)).toBe(HOST);
  });

  it.each([
    ['a prefix', `x${HOST}`],
    ['another number', 'test2.wikipedia.org'],
    ['a suffix', `${HOST}.evil.example`],
    ['a subdomain', `www.${HOST}`],
    ['two trailing dots', `${HOST}..`],
    ['a dot behind the port', `${HOST}:80.`],
    ['two ports', `${HOST}:80:80`],
    ['a port that is no number', `${HOST}:http`],
    ['user information', `user@${HOST}`],
    ['a scheme', `https://${HOST}`],
  ])('does not take %s for it', (_, authority) => {
    expect(hostOf(authority)).not.toBe(HOST);
  });

  it.each([
    ['nothing', ''],
    ['a port alone', ':80'],
    ['a dot alone', '.'],
    ['a leading space', ` ${HOST}`],
    ['a trailing newline', `${HOST}\n`],
    ['a NUL', `${HOST}\0`],
    ['the Kelvin sign, whose lower case is k', 'test.wi\u212Aipedia.org'],
    ['the long s, whose upper case is S', 'te\u017Ft.wikipedia.org'],
    ['a full-width full stop', 'test\uFF0Ewikipedia.org'],
    ['an umlaut', 't\u00E4st.wikipedia.org'],
  ])('names no host with %s', (_, authority) => {
    expect(hostOf(authority)).toBeUndefined();
  });

  it('is in canonical form, whatever the authority', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (authority) => {
        const host = hostOf(authority);
        if (host === undefined) return;
        expect(host).toBe(host.toLowerCase());
        expect(host).not.toBe('');
      }),
      { numRuns: RUNS },
    );
  });

  it('maps every decoration of a name to that name', () => {
    const port = fc.option(fc.nat(65535), { nil: undefined });
    fc.assert(
      fc.property(fc.domain(), fc.boolean(), port, (name, dot, number) => {
        const authority = `${name.toUpperCase()}${dot ? '.' : ''}${number === undefined ? '' : `:${number}`}`;
        expect(hostOf(authority)).toBe(name.toLowerCase());
      }),
      { numRuns: RUNS },
    );
  });
});
