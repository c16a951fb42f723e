import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findWorkload } from '../../webhook/core/plan.ts';
import { sidecarData } from '../../webhook/edges/envoy/sidecar-data.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { diversionPlan, diversionText } from '../fixtures/diversions.ts';
import { fixtureText, found } from '../fixtures/read.ts';
import { shunt, temporaryFolder } from './run.ts';

/** A volume as kubelet mounts it: files are links through `..data` to a folder with a time in its name. */
function mountVolume(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  const stamp = '..2026_01_01_00_00_00.123456789';
  mkdirSync(path.join(folder, stamp), { recursive: true });
  symlinkSync(stamp, path.join(folder, '..data'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, stamp, name), content);
    symlinkSync(`..data/${name}`, path.join(folder, name));
  }
}

function prepare(files: Readonly<Record<string, string | Buffer>>) {
  const folder = temporaryFolder();
  const [input, output] = [path.join(folder, 'in'), path.join(folder, 'out')];
  mountVolume(path.join(input, '0'), files);
  const rewrite = (workload: string, ...more: string[]) =>
    shunt(['rewrite', '--workload', workload, '--in', input, '--out', output, ...more]);
  return {
    folder,
    input,
    output,
    rewrite,
    read: (name: string) => readFileSync(path.join(output, '0', name), 'latin1'),
  };
}

describe.concurrent("rewrite beside a pod's own Envoy", () => {
  const envoy = fixtureText('envoy/mesh.yaml');
  const prepareBoth = (config: string) => {
    const prepared = prepare({ 'envoy.yaml': envoy });
    mountVolume(path.join(prepared.input, '1'), { 'config.yaml': config });
    return prepared;
  };

  it('diverts the Envoy, and leaves the app alone that calls it', async () => {
    const { output, rewrite, read } = prepareBoth('mwapi_uri: http://localhost:6501/w/api.php\n');
    const { code } = await rewrite('changeprop', '--own-envoy');
    expect(code).toBe(0);
    expect(read('envoy.yaml')).toContain('shunt-testwiki-web');
    expect(readdirSync(output)).toEqual(['0']);
  });

  it('fails with the line where the app goes past it, and writes nothing', async () => {
    const { output, rewrite } = prepareBoth(
      'a: 1\nmwapi_uri: https://mw-api-int.discovery.wmnet:4446/w/api.php\n',
    );
    const { code, error } = await rewrite('changeprop', '--own-envoy');
    expect(code).toBe(1);
    expect(error).toContain("config.yaml:2: names an upstream directly, past the pod's own Envoy");
    expect(existsSync(output)).toBe(false);
  });
});

describe.concurrent('rewrite', () => {
  it('copies the mounted files, leads the origins of the captured one to the sidecar, and raises its pool', async () => {
    const before = fixtureText('config/jobqueue.yaml');
    const { output, rewrite, read } = prepare({ 'config.yaml': before, 'other.txt': 'mw-jobrunner stays' });
    const { code, out, error } = await rewrite('jobqueue');
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(error).toMatch(/config\.yaml: origins that are routed to the sidecar now: 3\n$/);
    const after = before.replaceAll('https://mw-jobrunner.discovery.wmnet:4448', 'http://127.0.0.1:6506');
    const withoutPool = read('config.yaml')
      .replaceAll('{maxSockets: 5000, keepAlive', '{keepAlive')
      .replaceAll(/agentOptions: \{"maxSockets":5000\}\n +/g, '');
    expect(withoutPool).toBe(Buffer.from(after).toString('latin1'));
    expect(error).toMatch(/config\.yaml: agentOptions\.maxSockets is 5000 or more, in 3 places\n/);
    expect(read('other.txt')).toBe('mw-jobrunner stays');
    expect(readdirSync(path.join(output, '0')).sort()).toEqual(['config.yaml', 'other.txt']);
  });

  it('keeps bytes that are no UTF-8', async () => {
    const noise = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const origin = Buffer.from('\nhttps://mw-jobrunner.discovery.wmnet:4448/\n');
    const { rewrite, read } = prepare({ 'config.yaml': Buffer.concat([noise, origin, noise]), more: noise });
    const { code, error } = await rewrite('jobqueue');
    expect(code).toBe(0);
    expect(error).toMatch(
      /warning: agentOptions\.maxSockets is not raised, because it cannot be read as UTF-8/,
    );
    const text = noise.toString('latin1');
    expect(read('config.yaml')).toBe(`${text}\nhttp://127.0.0.1:6506/\n${text}`);
    expect(read('more')).toBe(text);
  });

  it('makes every copy readable, and keeps programs executable', async () => {
    const { input, output, rewrite } = prepare({
      'config.yaml': fixtureText('config/jobqueue.yaml'),
      run: '#!/bin/sh',
    });
    chmodSync(path.join(input, '0', 'config.yaml'), 0o400);
    chmodSync(path.join(input, '0', 'run'), 0o500);
    await rewrite('jobqueue');
    const mode = (name: string) => statSync(path.join(output, '0', name)).mode & 0o555;
    expect([mode('config.yaml'), mode('run') & 0o100]).toEqual([0o444, 0o100]);
  });

  it('fails, naming the file and what was looked for, when nothing is found; and writes nothing', async () => {
    const { output, rewrite } = prepare({ 'config.yaml': fixtureText('config/changeprop.yaml') });
    const { code, error } = await rewrite('jobqueue');
    expect(code).toBe(1);
    expect(error).toMatch(
      /in\/0\/config\.yaml: holds none of https:\/\/mw-jobrunner\.discovery\.wmnet:4448, https:\/\/10\.2\.1\.90:4448/,
    );
    expect(existsSync(output)).toBe(false);
  });

  it('fails where origins are in comments only, and does not count those beside others', async () => {
    const origin = 'https://mw-jobrunner.discovery.wmnet:4448/';
    const only = prepare({ 'config.yaml': `a: 1\n# uri: ${origin}\nb: 2 # ${origin}\n` });
    const { code, error } = await only.rewrite('jobqueue');
    expect(code).toBe(1);
    expect(error).toMatch(/config\.yaml: holds none of https:.* outside of comments; the app would bypass/);
    expect(existsSync(only.output)).toBe(false);
    const beside = prepare({ 'config.yaml': `uri: ${origin}\n# uri: ${origin}\n` });
    expect((await beside.rewrite('jobqueue')).error).toContain('routed to the sidecar now: 1\n');
  });

  it('lets a comment name an upstream that the workload does not list', async () => {
    const { rewrite } = prepare({
      'config.yaml':
        'uri: https://mw-jobrunner.discovery.wmnet:4448/\n# before: https://mw-api-int.discovery.wmnet:4446/\n',
    });
    expect((await rewrite('jobqueue')).code).toBe(0);
  });

  it('fails when the captured file is not there, and says what is', async () => {
    const { code, error } = await prepare({ 'other.yaml': 'x' }).rewrite('jobqueue');
    expect(code).toBe(1);
    expect(error).toMatch(/in\/0\/config\.yaml: is not there; found other\.yaml\n$/);
  });

  it('warns of addresses in a form that it does not capture, with their line', async () => {
    const { code, error } = await prepare({
      'config.yaml': 'a: https://mw-jobrunner.discovery.wmnet:4448/x\nb: mw-jobrunner.discovery.wmnet:4448\n',
    }).rewrite('jobqueue');
    expect(code).toBe(0);
    expect(error).toMatch(
      /config\.yaml:2: still names mw-jobrunner\.discovery\.wmnet, in a form that is not captured/,
    );
  });

  const UNLISTED =
    'a: https://mw-jobrunner.discovery.wmnet:4448/x\nb:\n  - https://mw-web.discovery.wmnet:4450/w\n';

  it('warns of a declared upstream that the workload does not list, with its line', async () => {
    const { code, error } = await prepare({ 'config.yaml': UNLISTED }).rewrite('jobqueue');
    expect(code).toBe(0);
    expect(error).toMatch(
      /config\.yaml:3: warning: names https:\/\/mw-web\.discovery\.wmnet:4450 of mw-web; workload jobqueue does not list/,
    );
  });

  it('fails there, where the workload says so', async () => {
    const { folder, output, rewrite } = prepare({ 'config.yaml': UNLISTED });
    const file = path.join(folder, 'diversion.yaml');
    writeFileSync(
      file,
      diversionText(['upstreams: [mw-jobrunner]', 'upstreams: [mw-jobrunner]\n      unlisted: fail']),
    );
    const { code, error } = await rewrite('jobqueue', '--diversion', file);
    expect(code).toBe(1);
    expect(error).toMatch(/config\.yaml:3: names https:\/\/mw-web\.discovery\.wmnet:4450 of mw-web/);
    expect(existsSync(output)).toBe(false);
  });

  it('takes an address for listed where two upstreams share it, and says which addresses stay', async () => {
    const { code, error } = await prepare({ 'config.yaml': fixtureText('config/changeprop.yaml') }).rewrite(
      'changeprop',
    );
    expect(code).toBe(0);
    expect(error).not.toMatch(/does not list/);
    expect(error).toMatch(
      /left as they are, since they belong to no declared upstream: https:\/\/mobileapps\.discovery\.wmnet:4102 \(2\), https:\/\/inference\.discovery\.wmnet:30443 \(1\)/,
    );
  });

  it('starts the app when its pool cannot be raised, and says why in which line', async () => {
    const text = 'x: 1\na:\n  uri: https://mw-jobrunner.discovery.wmnet:4448/x\n  agentOptions: none\n';
    const { rewrite, read } = prepare({ 'config.yaml': text });
    const { code, error } = await rewrite('jobqueue');
    expect(code).toBe(0);
    expect(error).toMatch(
      /config\.yaml:3: warning: agentOptions\.maxSockets is not raised, because .*"none"/,
    );
    expect(read('config.yaml')).toBe(
      text.replace('https://mw-jobrunner.discovery.wmnet:4448', 'http://127.0.0.1:6506'),
    );
  });

  it('creates the folders on which other volumes are mounted', async () => {
    const { output, rewrite } = prepare({ 'envoy.yaml': fixtureText('envoy/mesh.yaml') });
    expect((await rewrite('mobileapps', '--mount-point', '0/ssl', '--mount-point', '0/a/b')).code).toBe(0);
    for (const folder of ['ssl', 'a/b'])
      expect(statSync(path.join(output, '0', folder)).isDirectory()).toBe(true);
  });

  it('diverts the configuration of a pod’s own Envoy', async () => {
    const { rewrite, read } = prepare({ 'envoy.yaml': fixtureText('envoy/mesh.yaml'), 'sds.yaml': 'x: 1\n' });
    const { code, error } = await rewrite('mobileapps');
    expect(code).toBe(0);
    expect(error).toMatch(/envoy\.yaml: routes that are diverted now: 2\n$/);
    const expected = divertText(fixtureText('envoy/mesh.yaml'), diversionPlan());
    expect(read('envoy.yaml')).toBe(expected.ok ? expected.value.text : '');
    expect(read('sds.yaml')).toBe('x: 1\n');
  });

  it('lets it take the authorities of the targets from the files beside the diversion, where these are', async () => {
    const { folder, rewrite, read } = prepare({ 'envoy.yaml': fixtureText('envoy/mesh.yaml') });
    const plan = diversionPlan();
    const workload = found(findWorkload(plan, 'mobileapps'), 'mobileapps');
    const diversion = path.join(folder, 'diversion');
    mountVolume(diversion, sidecarData(plan, workload, diversionText()));
    expect((await rewrite('mobileapps', '--diversion', path.join(diversion, 'diversion.yaml'))).code).toBe(0);
    const expected = divertText(fixtureText('envoy/mesh.yaml'), plan, 'folder');
    expect(read('envoy.yaml')).toBe(expected.ok ? expected.value.text : '');
    expect(read('envoy.yaml')).toContain('/etc/shunt/testwiki/target-ca.web.yaml');
  });

  it.each([
    [
      'leads nowhere of ours',
      'static_resources: {}\n',
      /no cluster has the endpoint mw-api-int\.discovery\.wmnet:4446; the app would bypass the diversion/,
    ],
    ['is no Envoy configuration', 'kind: Pod\n', /envoy\.yaml: .*\[envoy-not-bootstrap\]/],
    [
      'is not valid UTF-8',
      Buffer.from('static_resources: {}\n# caf\xe9\n', 'latin1'),
      /envoy\.yaml:2: is not valid UTF-8 .*\[encoding\]/,
    ],
  ])('fails when that configuration %s', async (_, text, message) => {
    const { code, error } = await prepare({ 'envoy.yaml': text }).rewrite('mobileapps');
    expect(code).toBe(1);
    expect(error).toMatch(message);
  });

  it('names the folder that is not mounted', async () => {
    const folder = temporaryFolder();
    const { code, error } = await shunt(['rewrite', '-w', 'jobqueue', '--in', folder, '--out', folder]);
    expect(code).toBe(2);
    expect(error).toMatch(/^shunt rewrite: .*\/0: does not exist; /);
  });

  it('knows no other workload', async () => {
    const { code, error } = await prepare({}).rewrite('jobque');
    expect(code).toBe(2);
    expect(error).toMatch(/no workload jobque; there are changeprop, jobqueue, mobileapps, rest-gateway/);
  });
});
