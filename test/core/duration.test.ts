import { describe, expect, it } from 'vitest';
import { formatSeconds, milliseconds, parseDuration } from '../../webhook/core/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['1202.5s', 1_202_500],
    ['250ms', 250],
    ['7m', 420_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['0.001s', 1],
    ['366h', 366 * 3_600_000],
  ])('reads %s as %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '5', 's', '-1s', '1.2345s', '1e3s', ' 1s', '1s ', '1d', '1S', '9999999h', 'NaNs'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('takes a year and a day at most', () => {
    expect(parseDuration('8784h')).toBe(8784 * 3_600_000);
    expect(parseDuration('8785h')).toBeUndefined();
  });
});

describe('formatSeconds', () => {
  it.each([
    [1_202_500, '1202.5s'],
    [4_000, '4s'],
    [1, '0.001s'],
    [0, '0s'],
  ])('writes %d ms as %s', (value, expected) => {
    expect(formatSeconds(milliseconds(value))).toBe(expected);
  });

  it('is read back as the same length', () => {
    for (const text of ['1202.5s', '250ms', '7m', '1h'])
      expect(parseDuration(formatSeconds(milliseconds(parseDuration(text) ?? -1)))).toBe(parseDuration(text));
  });
});
