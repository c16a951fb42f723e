import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../webhook/core/version.ts';
import { diversionText } from '../fixtures/diversions.ts';
import { fixturePath } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

const POD = fixturePath('pods/jobqueue.yaml');
const STACK_TRACE = /^ {4}at |node:internal/m;

describe.concurrent('bad usage is exit 2, said in a line, without a stack trace', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['an unknown verb', ['frobnicate'], /unknown command 'frobnicate'/],
    ['an unknown option', ['explain', '--host', 'x', '--colour'], /unknown option '--colour'/],
    ['an option without its value', ['explain', '--host'], /argument missing/],
    ['a missing option', ['explain'], /required option .*--host/],
    ['an unknown edge', ['explain', '--host', 'x', '--edge', 'x'], /Allowed choices are ingress, ats/],
    [
      'an edge without its upstream',
      ['explain', '--host', 'x', '--edge', 'mesh'],
      /needs --upstream: one of .*mw-api-int/,
    ],
    [
      'a share of 100',
      ['explain', '--host', 'x', '--draw', '100'],
      /--draw must be at least 0 and below 100/,
    ],
    ['a header without a value', ['explain', '--host', 'x', '--header', 'x'], /name=value/],
    ['a version that is none', ['inject', '-f', POD, '--kubernetes-version', 'new'], /Kubernetes version/],
    ['an unknown thing to render', ['render', 'apache'], /Allowed choices are/],
    [
      'an unknown workload',
      ['render', 'sidecar', '--workload', 'x'],
      /no workload x; there are changeprop, jobqueue, mobileapps, rest-gateway/,
    ],
    ['serving without a cluster', ['serve'], /--standalone/],
    ['serving without a certificate', ['serve', '--standalone', '--port', '0'], /--self-signed/],
    ['a port that is none', ['serve', '--standalone', '--port', '70000'], /0 to 65535/],
    ['a duration that is none', ['serve', '--standalone', '--drain-grace', 'soon'], /500ms/],
  ])('%s', async (_, args, message) => {
    const { code, out, error } = await shunt(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(message);
    expect(error).not.toMatch(STACK_TRACE);
    expect(linesOf(error).filter((line) => line !== '(--help shows usage)')).toHaveLength(1);
  });
});

describe.concurrent('input that cannot be read is exit 2, in one line that names it', () => {
  it.each<[string, readonly string[], RegExp]>([
    [
      'a pod',
      ['inject', '-f', '/nowhere/pod.yaml'],
      /^shunt inject: \/nowhere\/pod.yaml: does not exist; check the name/,
    ],
    ['a folder', ['inject', '-f', '/'], /^shunt inject: \/: is a folder/],
    ['a pod to explain', ['explain-pod', '-f', '/nowhere'], /^shunt explain-pod: \/nowhere: does not exist/],
    ['an Envoy configuration', ['divert', '-f', '/nowhere'], /^shunt divert: \/nowhere: does not exist/],
    ['the diversion', ['explain', '-H', 'x', '-d', '/nowhere'], /^shunt explain: \/nowhere: does not exist/],
    [
      'a cluster to explain by',
      ['explain', '-H', 'x', '--live', '--kubeconfig', '/nowhere'],
      /^shunt explain: cluster: \/nowhere: cannot be found/,
    ],
    ['a cluster', ['share', '10', '--kubeconfig', '/nowhere'], /^shunt share: cluster: \/nowhere: cannot be/],
    ['a cluster, and a file', ['explain', '-H', 'x', '--live', '-d', 'x'], /--live reads the diversion from/],
    ['no cluster, but its namespace', ['explain', '-H', 'x', '-n', 'x'], /need --live\n$/],
    [
      'a certificate',
      ['serve', '--standalone', '--tls-cert', '/nowhere', '--tls-key', '/nowhere'],
      /^shunt serve: certificate: \/nowhere: does not exist/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, error } = await shunt(args);
    expect(code).toBe(2);
    expect(error).toMatch(message);
    expect(linesOf(error)).toHaveLength(1);
  });

  it.each<[string, readonly string[], string, RegExp]>([
    [
      'YAML with a mistake',
      ['inject', '-f', '-'],
      'kind: Pod\nspec: [\n',
      /^shunt inject: standard input:\d+:\d+: is not valid YAML: /,
    ],
    [
      'JSON with a mistake',
      ['inject', '-f', '-'],
      '{"kind": ',
      /^shunt inject: standard input: is not valid JSON: /,
    ],
    ['nothing', ['inject'], '', /holds no Kubernetes object/],
    ['an alias to nothing', ['inject'], 'kind: Pod\nspec: *nowhere\n', /is not valid YAML: .*nowhere/],
    ['no pod', ['explain-pod'], 'kind: Service\n', /holds no pod/],
    ['no Envoy configuration', ['divert'], 'kind: Pod\n', /\[envoy-not-bootstrap\]/],
  ])('%s', async (_, args, input, message) => {
    const { code, error, out } = await shunt(args, input);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(message);
    expect(linesOf(error)).toHaveLength(1);
  });

  it('a diversion with several problems: a line each, with line and column', async () => {
    const file = path.join(temporaryFolder(), 'diversion.yaml');
    writeFileSync(file, diversionText(['share: 100', 'share: 101'], ['- test.wikipedia.org', '- "*"']));
    const { code, error } = await shunt(['explain', '-H', 'x', '-d', file]);
    expect(code).toBe(2);
    expect(linesOf(error)).toHaveLength(2);
    expect(error).toMatch(
      /diversion\.yaml:12:10: spec\.share: must be at most 100 \(found 101\); .* \[out-of-range\]/,
    );
    expect(error).toMatch(/diversion\.yaml:14:7: spec\.hosts\.0: .* \[host-wildcard\]/);
  });
});

describe.concurrent('help', () => {
  it('is exit 0 and lists every verb', async () => {
    const { code, out } = await shunt(['--help']);
    expect(code).toBe(0);
    for (const verb of [
      'serve',
      'inject',
      'uninject',
      'explain',
      'explain-pod',
      'render',
      'divert',
      'rewrite',
    ])
      expect(out).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
  });

  it('tells the version', async () => {
    expect(await shunt(['--version'])).toMatchObject({ code: 0, out: `${VERSION}\n` });
  });

  it('is shown, with exit 2, when no verb is given', async () => {
    const { code, out, error } = await shunt([]);
    expect(code).toBe(2);
    expect(out + error).toContain('Usage: shunt');
  });
});
