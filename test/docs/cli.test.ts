import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shunt } from '../cli/run.ts';
import { inRepository } from '../fixtures/read.ts';

const PAGE = inRepository('docs/cli.md');
const INTERNAL = ['help'];

/** The verbs that the help of the program lists. */
async function verbs(): Promise<string[]> {
  const { out } = await shunt(['--help']);
  const list = out.slice(out.indexOf('\nCommands:\n'));
  return [...list.matchAll(/^ {2}([a-z][a-z-]*) /gm)]
    .map(([, verb = '']) => verb)
    .filter((verb) => !INTERNAL.includes(verb));
}

async function sectionOf(verb: string): Promise<string> {
  const { out } = await shunt([verb, '--help']);
  return `## \`${verb}\`\n\`\`\`text\n${out.trimEnd()}\n\`\`\`\n`;
}

describe('docs/cli.md', () => {
  it('has the help of every verb, and of no other', async () => {
    const [start = ''] = readFileSync(PAGE, 'utf8').split(/^## /m);
    const sections = await Promise.all((await verbs()).map(sectionOf));
    const wanted = `${start}${sections.join('\n')}`;
    if (process.env['SHUNT_GOLDEN'] === 'write') writeFileSync(PAGE, wanted);
    expect(sections.length).toBeGreaterThan(10);
    expect(readFileSync(PAGE, 'utf8')).toBe(wanted);
  });
});
