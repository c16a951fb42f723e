import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { divert } from '../../../webhook/edges/envoy/divert.ts';
import { divertText, revertText } from '../../../webhook/edges/envoy/text.ts';
import { diversionPlan } from '../../fixtures/diversions.ts';
import { withFurther } from '../../fixtures/further-inputs.ts';
import { gatewayBootstrap } from '../../fixtures/gateway/bootstrap.ts';
import { missingLines } from '../../fixtures/lines.ts';
import { fixtureEnvoy, fixtureText } from '../../fixtures/read.ts';
import { API, config, TO_API } from './configs.ts';

const PLAN = diversionPlan();

function diverted(text: string): string {
  const result = divertText(text, PLAN);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.text;
}

function reverted(text: string): string {
  const result = revertText(text, PLAN.diversion);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

describe.each(['mesh', 'rest-gateway'] as const)('the text of %s', (name) => {
  const original = fixtureText(`envoy/${name}.yaml`);

  it('only gains lines', () => {
    const after = diverted(original);
    expect(after.length).toBeGreaterThan(original.length);
    expect(missingLines(original, after)).toEqual([]);
  });

  it('says the same as the data', () => {
    expect(parse(diverted(original))).toEqual(divert(fixtureEnvoy(name), PLAN).config);
  });

  it('is diverted once, however often', () => {
    expect(diverted(diverted(original))).toBe(diverted(original));
  });

  it('comes back to the byte', () => {
    expect(reverted(diverted(original))).toBe(original);
  });
});

describe('other layouts', () => {
  const given = config(API, [TO_API]);

  it.each([
    ['block style', stringify(given)],
    ['lists at the indent of their key', stringify(given, { indentSeq: false })],
    ['an indent of four', stringify(given, { indent: 4 })],
    ['a document mark', `---\n${stringify(given)}`],
    ['comments', `# top\n${stringify(given).replace(/^( *)- /gm, '$1# an entry\n$1- ')}# end\n`],
    ['no newline at the end', stringify(given).trimEnd()],
    ['single quotes', stringify(given, { singleQuote: true, defaultStringType: 'QUOTE_SINGLE' })],
  ])('%s: comes back to the byte', (_, text) => {
    const once = diverted(text);
    expect(parse(once)).toEqual(divert(given, PLAN).config);
    expect(missingLines(text, once)).toEqual([]);
    expect(reverted(once)).toBe(text);
  });

  it.each([
    ['JSON', JSON.stringify(given)],
    ['JSON on several lines', JSON.stringify(given, null, 2)],
    ['flow style', stringify(given, { collectionStyle: 'flow' })],
    ['anchors on the entries', stringify(given).replace(/^( *)- match:/m, '$1- &route\n$1  match:')],
    ['Windows line ends', stringify(given).replaceAll('\n', '\r\n')],
  ])('%s: comes back as the same data', (_, text) => {
    const once = diverted(text);
    expect(parse(once)).toEqual(divert(given, PLAN).config);
    expect(diverted(once)).toBe(once);
    expect(parse(reverted(once))).toEqual(given);
  });

  it('stays JSON when it was', () => {
    expect(() => JSON.parse(diverted(JSON.stringify(given)))).not.toThrow();
  });

  it('is returned as it is where nothing leads to an upstream', () => {
    const text = '# nothing\nstatic_resources: {}   \n';
    expect(diverted(text)).toBe(text);
    expect(reverted(text)).toBe(text);
  });

  it('keeps what another diversion added', () => {
    const other = diversionPlan(
      ['name: testwiki', 'name: other'],
      ['- test.wikipedia.org', '- other.example'],
    );
    const text = fixtureText('envoy/mesh.yaml');
    const both = divertText(diverted(text), other);
    expect(both.ok && parse(reverted(both.value.text))).toEqual(divert(fixtureEnvoy('mesh'), other).config);
  });
});

describe('bad input is a problem with a code', () => {
  it.each([
    ['an empty file', '', 'envoy-not-bootstrap'],
    ['a comment', '# nothing', 'envoy-not-bootstrap'],
    ['a list', '- a', 'envoy-not-bootstrap'],
    ['a word', 'envoy', 'envoy-not-bootstrap'],
    ['another kind of file', 'kind: Pod\nmetadata: {}', 'envoy-not-bootstrap'],
    ['JSON of another kind', '{"a": 1}', 'envoy-not-bootstrap'],
    ['static_resources as a list', 'static_resources: []', 'envoy-not-bootstrap'],
    ['two documents', 'static_resources: {}\n---\nstatic_resources: {}\n', 'envoy-syntax'],
    ['no YAML', 'static_resources: [\n', 'envoy-syntax'],
    ['no JSON and no YAML', '{"static_resources": ', 'envoy-syntax'],
    ['an alias to nothing', 'static_resources: {clusters: *nowhere}', 'envoy-syntax'],
    ['more than 20 MiB', `static_resources: {}\n#${'x'.repeat(20 * 1024 * 1024)}`, 'envoy-too-large'],
  ])('%s', (_, text, code) => {
    for (const result of [divertText(text, PLAN), revertText(text, PLAN.diversion)]) {
      expect(result).toMatchObject({ ok: false, problems: [{ code, remedy: expect.stringMatching(/.+/) }] });
    }
  });

  it('has line and column where the syntax is wrong', () => {
    const result = divertText('static_resources:\n  clusters: "x\n', PLAN);
    expect(result).toMatchObject({
      ok: false,
      problems: [{ line: expect.any(Number), column: expect.any(Number) }],
    });
  });

  it('does not follow aliases that stand for an enormous document', () => {
    const levels = [...'abcdefgh'].map((key, index) =>
      index === 0
        ? 'a: &a [x,x,x,x,x,x,x,x,x]'
        : `${key}: &${key} [${Array(9)
            .fill(`*${'abcdefgh'[index - 1]}`)
            .join(',')}]`,
    );
    expect(divertText(`${levels.join('\n')}\nstatic_resources: {}\n`, PLAN).ok).toBe(false);
  });
});

const WHOLE = withFurther(
  [
    { name: 'a mesh', text: fixtureText('envoy/mesh.yaml') },
    { name: 'a gateway', text: gatewayBootstrap() },
  ],
  {
    mobileapps: 'envoy/mobileapps.yaml',
    termbox: 'envoy/termbox.yaml',
    'the deployed gateway': 'envoy/rest-gateway.yaml',
  },
);

it.each(WHOLE)('the configuration of $name only gains lines, and comes back to the byte', ({ text }) => {
  const once = diverted(text);
  expect(once.length).toBeGreaterThan(text.length);
  expect(missingLines(text, once)).toEqual([]);
  expect(diverted(once)).toBe(once);
  expect(reverted(once)).toBe(text);
});
