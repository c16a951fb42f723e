import { beforeAll, describe, expect, it } from 'vitest';
import { secureOptions } from '../../webhook/server/tls.ts';
import { issue } from './serving.ts';

let pairs: Awaited<ReturnType<typeof issue>>[];
beforeAll(async () => {
  pairs = await Promise.all([issue(), issue()]);
});

describe('a certificate and its key', () => {
  it('are taken when they belong together', () => {
    expect(secureOptions(pairs[0]?.leaf ?? { cert: '', key: '' }).ok).toBe(true);
  });

  it.each([
    ['an empty certificate', (cert: string, key: string) => ({ cert: cert.slice(0, 0), key })],
    ['an empty key', (cert: string) => ({ cert, key: '' })],
    ['nothing at all', () => ({ cert: '', key: '' })],
    ['a certificate cut in half', (cert: string, key: string) => ({ cert: cert.slice(0, 400), key })],
    ['the key of another', (cert: string) => ({ cert, key: pairs[1]?.leaf.key ?? '' })],
  ])('are refused when they are %s', (_what, spoil) => {
    const { cert = '', key = '' } = pairs[0]?.leaf ?? {};
    expect(secureOptions(spoil(cert, key))).toMatchObject({ ok: false, problems: [{ code: 'certificate' }] });
  });
});
