import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { inject } from '../../webhook/inject/inject.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { withFurther } from '../fixtures/further-inputs.ts';
import { gatewayBootstrap } from '../fixtures/gateway/bootstrap.ts';
import { fixturePath, fixtureText, plain } from '../fixtures/read.ts';
import { shunt, temporaryFolder } from './run.ts';

const PLAN = diversionPlan();
const WHOLE = withFurther([{ name: 'a whole gateway', text: gatewayBootstrap() }], {
  'the deployed gateway': 'envoy/rest-gateway.yaml',
});
const DIVERTED: Readonly<Record<string, number>> = { 'a whole gateway': 39, 'the deployed gateway': 45 };

describe.concurrent.each(['rest-gateway', 'mesh'] as const)('render %s', (edge) => {
  const file = fixturePath(`envoy/${edge}.yaml`);
  const expected = divertText(fixtureText(`envoy/${edge}.yaml`), PLAN);

  it('writes the configuration with the diversion in it', async () => {
    const folder = temporaryFolder();
    const { code, out, error } = await shunt(['render', edge, '--in', file, '--out', folder]);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(error).toMatch(/^shunt render: \d routes to .* are diverted; /);
    expect(readdirSync(folder)).toEqual(['envoy.yaml']);
    expect(readFileSync(path.join(folder, 'envoy.yaml'), 'utf8')).toBe(expected.ok && expected.value.text);
  });

  it('prints it, or one object', async () => {
    const [text, json] = await Promise.all([
      shunt(['render', edge, '--in', file]),
      shunt(['render', edge, '--in', file, '--json']),
    ]);
    expect(text.out).toBe(expected.ok && expected.value.text);
    expect(JSON.parse(json.out).files).toEqual({ 'envoy.yaml': text.out });
  });

  it('needs to know what is there', async () => {
    expect(await shunt(['render', edge])).toMatchObject({
      code: 2,
      error: expect.stringMatching(/needs --in/),
    });
  });

  it.each([
    ['is no Envoy configuration', 'kind: Pod\n', 2, /\[envoy-not-bootstrap\]/],
    ['leads nowhere of ours', 'static_resources: {}\n', 1, /\[envoy-nothing-to-divert\]/],
  ])('says what is wrong with one that %s', async (_, text, code, message) => {
    const folder = temporaryFolder();
    const input = path.join(folder, 'in.yaml');
    writeFileSync(input, text);
    const result = await shunt(['render', edge, '--in', input, '--out', path.join(folder, 'out')]);
    expect(result).toMatchObject({ code, error: expect.stringMatching(message) });
    expect(existsSync(path.join(folder, 'out/envoy.yaml'))).toBe(code === 1);
  });
});

it('does not take another proxy for the gateway', async () => {
  const { code, error } = await shunt(['render', 'rest-gateway', '--in', fixturePath('envoy/mesh.yaml')]);
  expect(code).toBe(1);
  expect(error).toMatch(/no virtual host answers to a name of the gateway/);
});

/** The gateway's pod, as its chart writes it, without what does not matter here. */
const POD: Pod = {
  metadata: { name: 'rest-gateway-main', labels: { app: 'api-gateway', release: 'main' } },
  spec: {
    containers: [
      {
        name: 'api-gateway-main',
        image: 'docker-registry.discovery.wmnet/envoy:1.35.9-1',
        volumeMounts: [
          { name: 'main-base-config', mountPath: '/etc/envoy/' },
          { name: 'main-jwt-config', mountPath: '/etc/jwks/' },
          { name: 'main-tls-certs-volume', mountPath: '/etc/envoy/ssl', readOnly: true },
        ],
      },
      { name: 'main-nutcracker', image: 'nutcracker' },
      { name: 'main-ratelimit', image: 'ratelimit' },
    ],
    volumes: [
      { name: 'main-base-config', configMap: { name: 'api-gateway-main-base-config' } },
      { name: 'main-jwt-config', configMap: { name: 'api-gateway-main-jwt-config' } },
      { name: 'main-tls-certs-volume', secret: { secretName: 'api-gateway-main-tls-proxy-certs' } },
    ],
  },
} as unknown as Pod;

describe('the gateway’s pod', () => {
  const outcome = inject(POD, 'rest-gateway', PLAN, 'native');

  it('is injected by what its own Envoy is configured with, and has the way back', () => {
    expect(outcome).toMatchObject({ kind: 'injected', workload: { name: 'rest-gateway' } });
    if (outcome.kind !== 'injected') return;
    const text = JSON.stringify(outcome.pod);
    expect(text).toContain(
      '"rewrite","--diversion","/etc/shunt/testwiki/diversion.yaml","--workload","rest-gateway"',
    );
    expect(text).not.toContain('"name":"shunt-envoy"');
    expect(plain(uninject(plain(outcome.pod), PLAN))).toEqual(POD);
  });

  it.each(WHOLE)('has the configuration of $name diverted by the config step', async ({ name, text }) => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'in/0'), { recursive: true });
    writeFileSync(path.join(folder, 'in/0/envoy.yaml'), text);
    const folders = ['--in', path.join(folder, 'in'), '--out', path.join(folder, 'out')];
    const { code, error } = await shunt([
      'rewrite',
      '--workload',
      'rest-gateway',
      ...folders,
      '--mount-point',
      '0/ssl',
    ]);
    expect({ code, error }).toEqual({
      code: 0,
      error: expect.stringMatching(new RegExp(`routes that are diverted now: ${DIVERTED[name]}\n$`)),
    });
    const expected = divertText(text, PLAN);
    expect(readFileSync(path.join(folder, 'out/0/envoy.yaml'), 'utf8')).toBe(
      expected.ok && expected.value.text,
    );
  });
});
