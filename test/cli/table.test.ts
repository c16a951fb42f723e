import { describe, expect, it } from 'vitest';
import { formatTable } from '../../webhook/cli/table.ts';

describe('a table', () => {
  it('has columns as wide as their widest cell, and no space at the end of a line', () => {
    expect(
      formatTable(
        ['name', 'goes to'],
        [
          ['a long name', 'x'],
          ['b', ''],
        ],
      ),
    ).toBe('name         goes to\na long name  x\nb');
  });

  it('aligns numbers to the right, and counts characters, not UTF-16 units', () => {
    expect(
      formatTable(
        ['what', 'ms'],
        [
          ['𝒳', '1.5'],
          ['é', '120.0'],
        ],
        [1],
      ),
    ).toBe('what     ms\n𝒳       1.5\né     120.0');
  });

  it('gives a cell of several lines as many lines', () => {
    expect(formatTable(['', 'is'], [['x', 'one\ntwo']])).toBe('   is\nx  one\n   two');
  });
});
