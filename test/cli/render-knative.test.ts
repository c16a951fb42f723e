import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { diversionText, withShare } from '../fixtures/diversions.ts';
import { fixturePath, fixtureText } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

const RENDER = ['render', 'knative'];
const TODAY = fixturePath('knative/values.yaml');

function fileWith(text: string): string {
  const file = path.join(temporaryFolder(), 'values.yaml');
  writeFileSync(file, text);
  return file;
}

describe.concurrent('render knative', () => {
  it('prints the values to merge, the same bytes twice', async () => {
    const [one, two] = await Promise.all([shunt(RENDER), shunt(RENDER)]);
    expect(one).toMatchObject({ code: 0, error: '' });
    expect(two.out).toBe(one.out);
    expect(Object.keys(parse(one.out)).sort()).toEqual(['GlobalNetworkPolicies', 'net_istio']);
    const { out } = await shunt([...RENDER, '--json']);
    const { files } = JSON.parse(out) as { files: Record<string, string> };
    expect(files).toEqual({ 'values.yaml': one.out });
  });

  it('merges them into a file, once, and takes them out to the byte', async () => {
    const [folder, again, back] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const merged = path.join(folder, 'values.yaml');
    expect(await shunt([...RENDER, '--in', TODAY, '--out', folder])).toMatchObject({
      code: 0,
      error: `shunt render: wrote 1 file to ${folder}\n`,
    });
    await shunt([...RENDER, '--in', merged, '--out', again]);
    expect(readFileSync(path.join(again, 'values.yaml'))).toEqual(readFileSync(merged));
    expect(await shunt([...RENDER, '--in', merged, '--revert', '--out', back])).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(back, 'values.yaml'))).toEqual(readFileSync(TODAY));
  });

  it('reads standard input', async () => {
    const { code, out } = await shunt([...RENDER, '--in', '-'], fixtureText('knative/values.yaml'));
    expect({ code, routes: out.match(/name: "shunt\.testwiki\./g)?.length }).toEqual({ code: 0, routes: 2 });
  });

  it('names what bypasses the diversion, and exits 1', async () => {
    const route = '            - match:\n                - port: 4680\n';
    const round = route.replace('- match', '- rewrite: {authority: test.wikipedia.org}\n              match');
    const destination = '{destination: {host: mw-api-int-ro.discovery.wmnet, port: {number: 4680}}}';
    const text = fixtureText('knative/values.yaml').replace(
      route,
      `${round}              route: [${destination}]\n${route}`,
    );
    const file = fileWith(text);
    const { code, error } = await shunt([...RENDER, '--in', file]);
    const place = 'net_istio.mesh.virtual_services.mediawiki-api-vs.spec.http.1';
    expect({ code, lines: linesOf(error) }).toEqual({
      code: 1,
      lines: [`shunt render: ${file}: ${place}: is not diverted: it rewrites the authority`],
    });
  });

  it('refuses a share that a route with a mirror cannot have', async () => {
    const diversion = path.join(temporaryFolder(), 'diversion.yaml');
    writeFileSync(diversion, diversionText(withShare(50)));
    const route = '            - match:\n                - port: 80\n';
    const text = fixtureText('knative/values.yaml').replace(
      route,
      `${route}              mirror: {host: x.example}\n`,
    );
    const { code, error } = await shunt([...RENDER, '--in', fileWith(text), '-d', diversion]);
    expect(code).toBe(2);
    expect(error).toContain('[values-share]');
  });

  it.each([
    ['an empty file', () => fileWith(''), 'values-no-mesh'],
    ['what is no YAML', () => fileWith('a: ['), 'values-syntax'],
    ['an Envoy configuration', () => fileWith('static_resources: {}\n'), 'values-no-mesh'],
    ['a file that is not there', () => '/nowhere/values.yaml', 'file'],
  ])('writes nothing for %s', async (_, file, code) => {
    const folder = temporaryFolder();
    const ended = await shunt([...RENDER, '--in', file(), '--out', folder]);
    expect(ended.code).toBe(2);
    expect(ended.error).toContain(`[${code}]`);
    expect(linesOf(ended.error)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has nothing to take a diversion out of without a file', async () => {
    const { code, error } = await shunt([...RENDER, '--revert']);
    expect(code).toBe(2);
    expect(error).toMatch(/--revert needs --in/);
  });
});
