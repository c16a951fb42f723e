import { describe, expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';
import { linesOf, shunt } from './run.ts';

describe.concurrent('render ingress --topology ingress-all', () => {
  it('adds the objects of the production services', async () => {
    const { code, out } = await shunt(['render', 'ingress', '--topology', 'ingress-all', '--json']);
    const { items } = JSON.parse(out) as { items: { metadata: { namespace: string } }[] };
    expect(code).toBe(0);
    expect(new Set(items.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set(['mw-pretrain', 'mw-api-int', 'mw-jobrunner']),
    );
  });

  it('exits 2 where the kind cannot', async () => {
    const { code, error } = await shunt(['render', 'ingress', '-t', 'ingress-all', '-k', 'ingress']);
    expect(code).toBe(2);
    expect(error).toMatch(/spec\.edges\.ingressAll: cannot be served .* \[ingress-all-unsupported\]/);
  });
});

describe.concurrent('explain', () => {
  it('names the rule in front of a service behind the ingress', async () => {
    const job = ['-H', 'test.wikipedia.org', '-m', 'POST', '-p', '/rpc/RunSingleJob.php', '--json'];
    const { out } = await shunt(['explain', '-e', 'ingress', '-u', 'mw-jobrunner', ...job]);
    expect(JSON.parse(out)).toMatchObject({
      to: 'jobrunner',
      file: 'chart/files/ingress-all/istio.yaml',
      rule: 'routes jobrunner-1, jobrunner-2 of VirtualService shunt-testwiki-mw-jobrunner-diverted',
    });
  });
});

describe.concurrent('compare', () => {
  it('is a table with both topologies', async () => {
    const { code, out, error } = await shunt(['compare']);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const [head = '', ...rows] = linesOf(out);
    expect(head).toMatch(/^ +pods +ingress-all *$/);
    expect(rows.find((row) => row.startsWith('ingress down: all other hosts lose'))).toMatch(
      /lose +- +internal API call/,
    );
  });

  it('is one object with --json', async () => {
    const { out } = await shunt(['compare', '--json']);
    const { rows, journeys } = JSON.parse(out) as { rows: object[]; journeys: object[] };
    expect(rows.length).toBeGreaterThan(10);
    expect(journeys).toContainEqual(expect.objectContaining({ caller: 'jobqueue', kind: 'job' }));
  });

  it('says so where the topology is not declared', async () => {
    const { code, error } = await shunt(['compare', '-d', inRepository('test/fixtures/shop.yaml')]);
    expect(code).toBe(0);
    expect(error).toMatch(/shop\.yaml: note: nothing stands behind the ingress/);
  });
});
