import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { readManifests, writeManifests } from '../../webhook/cli/manifests.ts';
import { YAML_OF_OTHERS } from '../../webhook/edges/yaml.ts';

const read = (text: string): unknown => parseDocument(text, YAML_OF_OTHERS).toJS();

describe('YAML is read as kubectl and Envoy read it', () => {
  it.each([
    ['mode: 0444', { mode: 0o444 }],
    ['hostNetwork: no', { hostNetwork: false }],
    ['tty: on', { tty: true }],
    ['text: "no"', { text: 'no' }],
    ['ports: 6379:6379', { ports: '6379:6379' }],
    ['when: 2026-01-01', { when: '2026-01-01' }],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it('and written so that reading it again gives the same', () => {
    const text = 'kind: Thing\nmode: 0400\nyes: "yes"\nquiet: no\nports: 6379:6379\n';
    const file = readManifests(text);
    if (!file.ok) throw new Error(JSON.stringify(file.problems));
    const changed = file.value.manifests.map(({ object }) => ({ ...object }));
    expect(read(writeManifests(file.value, changed))).toEqual(read(text));
  });
});
