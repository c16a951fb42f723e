import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { REASONS } from '../../webhook/core/reasons.ts';
import { POD_REASONS } from '../../webhook/inject/reasons.ts';
import { diversionText, withShare } from '../fixtures/diversions.ts';
import { fixturePath, fixturePod, fixtureText } from '../fixtures/read.ts';
import { injected } from '../inject/pods.ts';
import { shunt, temporaryFolder } from './run.ts';

const JOBQUEUE = fixturePath('pods/jobqueue.yaml');
const MESH = fixturePath('envoy/mesh.yaml');
const HOST = ['--host', 'TEST.wikipedia.org:6501'];

describe.concurrent('explain', () => {
  it('gives the decision for one edge', async () => {
    const { code, out } = await shunt([
      'explain',
      ...HOST,
      '--edge',
      'sidecar',
      '-u',
      'mw-api-int',
      '-p',
      '/w/api.php',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      to: 'web',
      reason: 'diverted',
      detail: REASONS.diverted,
      authority: 'test.wikipedia.org',
      sni: 'mw-pretrain.discovery.wmnet',
      file: 'ConfigMap shunt.testwiki.changeprop: rds.mw-api-int.yaml',
      rule: 'the route to shunt-testwiki-web, directly in front of the original',
    });
  });

  it('says it in a sentence', async () => {
    const { code, out } = await shunt(['explain', '-H', 'en.wikipedia.org', '-e', 'ats', '-u', 'mw-web']);
    expect({ code, out }).toEqual({
      code: 0,
      out:
        `production: ${REASONS['host-not-diverted']} [host-not-diverted]\n` +
        "decided by the edge's own rules; none of the diversion's matches\n",
    });
  });

  it('takes method, path, headers and the draw', async () => {
    const request = ['explain', ...HOST, '-e', 'ats', '-u', 'mw-web', '--json'];
    const to = async (...more: string[]) => JSON.parse((await shunt([...request, ...more])).out).to;
    expect(await to('--header', 'X-Wikimedia-Debug=backend=k8s-mw-pretrain')).toBe('debug');
    expect(await to('-m', 'post', '-p', '/rpc/RunSingleJob.php?x')).toBe('refused');
  });

  it('without an edge shows all of them', async () => {
    const { out } = await shunt(['explain', ...HOST, '--json']);
    const { rows } = JSON.parse(out) as { rows: { edge: string; to: string }[] };
    expect([...new Set(rows.map(({ edge }) => edge))]).toEqual([
      'ingress',
      'ats',
      'rest-gateway',
      'mesh',
      'sidecar',
      'knative',
    ]);
    const table = await shunt(['explain', ...HOST]);
    expect(table.out).toMatch(/^edge +upstream +goes to +reason +authority +SNI +file +rule/);
  });

  it('names the file and the rule that decide', async () => {
    const { out } = await shunt(['explain', ...HOST, '--json', '-m', 'POST', '-p', '/rpc/RunSingleJob.php']);
    const { rows } = JSON.parse(out) as {
      rows: { edge: string; upstream: string; file: string; rule: string }[];
    };
    expect(rows.find(({ edge }) => edge === 'ingress')).toMatchObject({
      file: 'chart/files/ingress/istio.yaml',
      rule: 'route refused-1 of VirtualService shunt-testwiki-web',
    });
    expect(
      rows.find(({ edge, upstream }) => edge === 'sidecar' && upstream === 'mw-jobrunner'),
    ).toMatchObject({
      file: 'ConfigMap shunt.testwiki.jobqueue: rds.mw-jobrunner.yaml',
      rule: 'the route to shunt-testwiki-jobrunner, directly in front of the original',
    });
  });

  it('draws the edges, and a host can draw nothing else', async () => {
    const mermaid = await shunt(['explain', ...HOST, '--graph', 'mermaid']);
    expect(mermaid.out).toMatch(
      /^flowchart LR\n {2}request\(\["GET \/, Host TEST\.wikipedia\.org:6501"\]\)\n/,
    );
    const hostile = '"]<script>alert(1)</script>&';
    const graph = await shunt(['explain', '-H', hostile, '--graph', 'mermaid']);
    expect(graph.out.split('\n')[1]).toMatch(/^ {2}request\(\["[A-Za-z0-9 .,:/_()#;-]+"\]\)$/);
  });
});

describe.concurrent('inject and uninject', () => {
  it('give the injected pod, and the pod back', async () => {
    const { code, out, error } = await shunt(['inject', '-f', JOBQUEUE]);
    expect(code).toBe(0);
    expect(parse(out)).toEqual(injected(fixturePod('jobqueue')));
    expect(error).toMatch(
      /^shunt inject: changeprop-jobqueue\/Pod\/changeprop-production-6bd4497f9c-: injected/,
    );
    const back = await shunt(['uninject'], out);
    expect(back).toMatchObject({ code: 0, error: expect.stringContaining(': uninjected') });
    expect(parse(back.out)).toEqual(fixturePod('jobqueue'));
  });

  it('keep every other document to the byte', async () => {
    const other = '# a comment\nkind: Service\nmetadata: {name:   x}\n';
    const { out } = await shunt(['inject'], `${other}---\n${fixtureText('pods/jobqueue.yaml')}`);
    expect(out.startsWith(`${other}---\n`)).toBe(true);
    expect(parseAllDocuments(out)).toHaveLength(2);
  });

  it.each([
    'kind: ConfigMap\ndata:\n  x: |+\n    a\n\n\n',
    '# only a comment\n\n---\nkind: Service\n--- # a mark\n---\nkind: Service\n\n\n',
    '%YAML 1.1\n---\nkind: Service\n...\n',
    'kind: Service\r\n\r\n',
    'kind:   Service',
    '{"kind":   "Service"}\n\n',
  ])('keep a file to the byte that they do not change: %j', async (text) => {
    expect((await shunt(['inject'], text)).out).toBe(text);
    expect((await shunt(['uninject'], text)).out).toBe(text);
  });

  it('keep the documents around one that they change to the byte', async () => {
    const kept = 'kind: ConfigMap\ndata:\n  x: |+\n    a\n\n\n';
    const last = '--- # last\n\nkind:  Service # x\n\n\n';
    const { out } = await shunt(['inject'], `${kept}---\n${fixtureText('pods/jobqueue.yaml')}${last}`);
    expect(out.startsWith(`${kept}---\napiVersion`)).toBe(true);
    expect(out.endsWith(last)).toBe(true);
    expect(parseAllDocuments(out)).toHaveLength(3);
  });

  it('refuse an object of another kind whose pods would be diverted', async () => {
    const { metadata, spec } = fixturePod('jobqueue');
    const object = (labels: object) =>
      JSON.stringify({
        kind: 'Workflow',
        metadata: { name: 'w', namespace: 'changeprop-jobqueue' },
        spec: { template: { metadata: { labels }, spec } },
      });
    const { code, out, error } = await shunt(['inject'], object(metadata?.labels ?? {}));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toMatch(/Workflow\/w: refused \(kind-unknown: .* at spec\.template; leave its pods to the/);
    expect((await shunt(['inject'], object({ app: 'other' }))).code).toBe(0);
  });

  it('take JSON and give JSON, with the namespace of the command line', async () => {
    const { metadata, ...pod } = fixturePod('jobqueue');
    const { namespace: _, ...rest } = metadata ?? {};
    const { code, out } = await shunt(
      ['inject', '-n', 'changeprop-jobqueue'],
      JSON.stringify({ ...pod, metadata: rest }),
    );
    expect(code).toBe(0);
    expect(JSON.parse(out).spec.initContainers).toHaveLength(2);
  });

  it('use an ordinary container for a cluster that is older', async () => {
    const { out } = await shunt(['inject', '-f', JOBQUEUE, '--kubernetes-version', 'v1.28.4', '--json']);
    const { objects, report } = JSON.parse(out);
    expect(objects[0].spec.containers.at(-1).name).toBe('shunt-envoy');
    expect(report).toEqual([
      {
        kind: 'Pod',
        name: 'changeprop-production-6bd4497f9c-',
        namespace: 'changeprop-jobqueue',
        outcome: 'injected',
        reason: 'injected',
        detail: POD_REASONS.injected,
      },
    ]);
  });

  it('print nothing, with exit 1, when a pod must not run', async () => {
    const text = fixtureText('pods/jobqueue.yaml').replace(
      'mountPath: /etc/changeprop',
      'mountPath: /etc/elsewhere',
    );
    const plain = await shunt(['inject'], text);
    expect(plain).toMatchObject({
      code: 1,
      out: '',
      error: expect.stringMatching(/refused \(mount-missing: .*\/etc\/elsewhere/),
    });
    const json = await shunt(['inject', '--json'], text);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      objects: [],
      report: [{ outcome: 'refused', reason: 'mount-missing' }],
    });
  });
});

describe.concurrent('explain-pod', () => {
  it('says with what a pod is injected', async () => {
    const { code, out } = await shunt(['explain-pod', '-f', JOBQUEUE, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      inject: true,
      reason: 'injected',
      workload: 'jobqueue',
      listeners: [{ address: '127.0.0.1:6506', upstream: 'mw-jobrunner', target: 'jobrunner' }],
    });
  });

  it('says why not, with exit 1', async () => {
    const pod = { kind: 'Pod', metadata: { name: 'p', namespace: 'changeprop' }, spec: { containers: [] } };
    const { code, out } = await shunt(['explain-pod'], JSON.stringify(pod));
    expect({ code, out }).toEqual({
      code: 1,
      out: `changeprop/Pod/p: skipped (other-app: ${POD_REASONS['other-app']})\n`,
    });
  });
});

describe.concurrent('divert', () => {
  it('writes the files that name the CA of each target, and subscribes to them', async () => {
    const folder = temporaryFolder();
    const { code, out, error } = await shunt(['divert', '-f', MESH, '--authorities', folder]);
    expect(code).toBe(0);
    expect(error).not.toContain('warning');
    expect(out).toContain('/etc/shunt/testwiki/target-ca.web.yaml');
    expect(readFileSync(path.join(folder, 'target-ca.web.yaml'), 'utf8')).toContain('trusted_ca');
  });

  it('adds the diversion, and takes it out again', async () => {
    const { code, out, error } = await shunt(['divert', '-f', MESH]);
    expect({ code, error }).toEqual({
      code: 0,
      error:
        'shunt divert: 2 routes to mw-api-int-async are diverted; Envoy starts only where the folder /etc/shunt/testwiki, for the share, is mounted, be it empty\n' +
        'shunt divert: warning: for every host, Envoy starts only where /etc/ssl/certs/wmf-ca-certificates.crt exists; --authorities makes it start without\n',
    });
    expect(await shunt(['divert', '--revert'], out)).toEqual({
      code: 0,
      out: fixtureText('envoy/mesh.yaml'),
      error: '',
    });
  });

  it('is exit 1 where nothing leads to an upstream', async () => {
    const text = 'static_resources: {}\n';
    const { code, out, error } = await shunt(['divert'], text);
    expect({ code, out }).toEqual({ code: 1, out: text });
    expect(error).toMatch(/unchanged/);
  });

  it('writes a file, and reports as JSON', async () => {
    const file = path.join(temporaryFolder(), 'new/envoy.yaml');
    const { code, out } = await shunt(['divert', '-f', MESH, '-o', file, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      report: { diverted: 2, clusters: ['mw-api-int-async'], unsupported: [] },
    });
    expect(readFileSync(file, 'utf8')).toContain('shunt-testwiki-web');
  });
});

describe.concurrent('render sidecar', () => {
  it('prints a ConfigMap for each workload', async () => {
    const { code, out } = await shunt(['render', 'sidecar', '--json']);
    expect(code).toBe(0);
    const { items } = JSON.parse(out) as {
      items: { metadata: { name: string; namespace: string }; data: object }[];
    };
    expect(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'changeprop/shunt.testwiki.changeprop',
      'changeprop-jobqueue/shunt.testwiki.jobqueue',
      'mobileapps/shunt.testwiki.mobileapps',
      'rest-gateway/shunt.testwiki.rest-gateway',
    ]);
  });

  it('writes files, the same bytes twice', async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    await Promise.all(
      [one, two].map((folder) => shunt(['render', 'sidecar', '-w', 'jobqueue', '-o', folder])),
    );
    const [name = ''] = readdirSync(one);
    expect(readdirSync(one)).toEqual(['changeprop-jobqueue.shunt.testwiki.jobqueue.yaml']);
    expect(readFileSync(path.join(one, name))).toEqual(readFileSync(path.join(two, name)));
  });

  it('follows another diversion', async () => {
    const file = path.join(temporaryFolder(), 'diversion.yaml');
    const text = diversionText(withShare(7));
    writeFileSync(file, text);
    const { out } = await shunt(['render', 'sidecar', '-w', 'jobqueue', '-d', file]);
    expect(parse(out).data).toMatchObject({ share: '7', 'diversion.yaml': text });
  });
});
