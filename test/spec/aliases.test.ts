import { describe, expect, it } from 'vitest';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText } from '../fixtures/diversions.ts';

function problemsOf(...changes: readonly (readonly [string, string])[]) {
  const parsed = parseDiversion(diversionText(...changes));
  return parsed.ok ? [] : parsed.problems;
}

describe('aliases in a diversion', () => {
  it('an unquoted wildcard is the host that somebody meant', () => {
    const [problem] = problemsOf(['- test.wikipedia.org', '- *.wikipedia.org']);
    expect(problem).toMatchObject({ code: 'host-wildcard', path: 'spec.hosts.0', value: '*.wikipedia.org' });
    expect(problem?.line).toBeGreaterThan(1);
  });

  it('one that holds itself is a problem, and no crash', () => {
    const text = diversionText(['metadata:\n  name: testwiki', 'metadata: &m\n  name: testwiki\n  x: *m']);
    const parsed = parseDiversion(text);
    expect(parsed).toMatchObject({ ok: false, problems: [{ code: 'yaml-syntax' }] });
  });

  it.each(['constructor', 'toString', '__proto__'])('an upstream called %s is not declared', (name) => {
    const problems = problemsOf(['upstreams: [mw-api-int-async]', `upstreams: [${name}]`]);
    expect(problems.map(({ code }) => code)).toEqual(['upstream-unknown']);
  });
});
