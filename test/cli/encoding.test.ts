import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../webhook/cli/utf8.ts';
import { diversionText } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

const VERBS: readonly (readonly [name: string, args: readonly string[], option: string, text: string])[] = [
  ['divert', ['divert'], '--file', fixtureText('envoy/mesh.yaml')],
  ['divert --revert', ['divert', '--revert'], '--file', fixtureText('envoy/mesh.yaml')],
  ['render rest-gateway', ['render', 'rest-gateway'], '--in', fixtureText('envoy/rest-gateway.yaml')],
  ['render mesh', ['render', 'mesh'], '--in', fixtureText('envoy/mesh.yaml')],
  ['render knative', ['render', 'knative'], '--in', fixtureText('knative/values.yaml')],
  ['render knative --revert', ['render', 'knative', '--revert'], '--in', fixtureText('knative/values.yaml')],
  ['render ats', ['render', 'ats'], '--in', 'map http://a.example/ http://b.example/\n'],
  ['analyze', ['analyze'], '--in', fixtureText('envoy/mesh.yaml')],
  ['divert with such a diversion', ['divert'], '--diversion', diversionText()],
];

describe.concurrent.each(VERBS)('%s', (_, args, option, text) => {
  it.each<[string, Buffer, string]>([
    ['Latin-1', Buffer.from(`# caf\xe9\n${text}`, 'latin1'), ':1:6: is not valid UTF-8 (found "byte 0xe9")'],
    ['a byte order mark', Buffer.from(`\ufeff${text}`), ': begins with a byte order mark'],
  ])('takes no file with %s', async (__, content, message) => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'given');
    writeFileSync(file, content);
    const ended = await shunt([...args, option, file]);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(linesOf(ended.error)).toEqual([
      expect.stringMatching(/; save it (?:as UTF-8|without one) \[encoding\]$/),
    ]);
    expect(ended.error).toContain(`${file}${message}`);
    expect(readdirSync(folder)).toEqual(['given']);
  });
});

it('standard input is looked at as well', async () => {
  const { code, out, error } = await shunt(['divert'], `\ufeff${fixtureText('envoy/mesh.yaml')}`);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toMatch(/standard input: begins with a byte order mark; .* \[encoding\]\n$/);
});

describe('reading UTF-8', () => {
  it.each(['', 'a: b\n', 'é 你 😀\n', 'was \uFFFD before\n', 'inside \uFEFF\n'])('keeps %j', (text) => {
    expect(decodeUtf8(Buffer.from(text))).toEqual({ ok: true, value: text });
  });

  it.each<[string, number[], { value: string; line: number; column: number }]>([
    ['a lone byte', [0x61, 0x0a, 0x62, 0xe9], { value: 'byte 0xe9', line: 2, column: 2 }],
    ['half of a character', [0x0a, 0xe4, 0xbd], { value: 'byte 0xe4', line: 2, column: 1 }],
    ['a byte after a replacement', [0xef, 0xbf, 0xbd, 0xff], { value: 'byte 0xff', line: 1, column: 2 }],
    [
      'two after replacements',
      [0xef, 0xbf, 0xbd, 0xef, 0xbf, 0xbd, 0x80],
      { value: 'byte 0x80', line: 1, column: 3 },
    ],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], { value: 'byte 0xff', line: 1, column: 1 }],
  ])('names the place of %s', (_, bytes, place) => {
    const decoded = decodeUtf8(Buffer.from(bytes));
    expect(decoded).toMatchObject({ ok: false, problems: [{ code: 'encoding', ...place }] });
  });
});
