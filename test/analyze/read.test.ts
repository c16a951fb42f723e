import { describe, expect, it } from 'vitest';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import { fixtureText } from '../fixtures/read.ts';

const kindsOf = (text: string): readonly string[] => {
  const read = readSubjects('given', text);
  return read.ok ? read.value.map(({ kind }) => kind) : read.problems.map(({ code }) => code);
};

describe('what a file holds', () => {
  const envoy = fixtureText('envoy/mesh.yaml');

  it.each(['', '---\n', '--- # rendered\n', '# a comment\n---\n'])('is an Envoy behind %j', (before) => {
    expect(kindsOf(before + envoy)).toEqual(kindsOf(envoy));
  });

  it.each(['-- a script\n', '--[[ long ]]\n', 'local x = 1\n'])(
    'is a script where it begins with %j',
    (text) => {
      expect(kindsOf(`${text}return 1\n`)).toEqual(['script']);
    },
  );
});
