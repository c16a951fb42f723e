import { describe, expect, it } from 'vitest';
import { findWorkload } from '../../webhook/core/plan.ts';
import { sidecarData } from '../../webhook/edges/envoy/sidecar-data.ts';
import { judgeReport, type Refusals, refusalsAfter } from '../../webhook/observe/in-force.ts';
import { type ProxyReport, readReport } from '../../webhook/observe/proxy-report.ts';
import { writtenIn } from '../../webhook/observe/written.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';

const LDS = 'listener_manager.lds';
const ROUTES = 'http.mw-jobrunner_egress.rds.mw-jobrunner';
const plan = diversionPlan();
const workload = found(findWorkload(plan, 'jobqueue'));
const written = writtenIn(sidecarData(plan, workload, 'text'), 'r2');
const NOTHING_KNOWN: Refusals = new Map();

const versions = new Map(written.files.map(({ subscription, version }) => [subscription, version]));
const report = (more: Partial<ProxyReport> = {}): ProxyReport => ({
  versions,
  refused: new Map(),
  share: 100,
  toProduction: 0,
  targets: new Map(),
  ...more,
});
const oldRoutes = new Map([...versions, [ROUTES, 'aaaaaaaaaaaa']]);

describe('what is written', () => {
  it('is a version for each file that a proxy subscribes to, and the share', () => {
    expect(written.files.map(({ file, subscription }) => [file, subscription])).toEqual([
      ['lds.yaml', LDS],
      ['cds.yaml', 'cluster_manager.cds'],
      ['rds.mw-jobrunner.yaml', ROUTES],
    ]);
    expect(written.share).toBe(100);
  });
});

describe('a report', () => {
  it.each<[string, Partial<ProxyReport>, Refusals, object]>([
    ['with every version and the share is in force', {}, NOTHING_KNOWN, { state: 'in-force', share: 100 }],
    ['with another share is behind', { share: 50 }, NOTHING_KNOWN, { state: 'behind', share: 50, files: [] }],
    ['without a share is behind', { share: undefined }, NOTHING_KNOWN, { state: 'behind', share: undefined }],
    ['of nothing is behind', { versions: new Map() }, NOTHING_KNOWN, { state: 'behind' }],
    [
      'with other routes, and none refused, is behind',
      { versions: oldRoutes },
      NOTHING_KNOWN,
      { state: 'behind', files: ['rds.mw-jobrunner.yaml'] },
    ],
    [
      'with other routes, and some refused, is rejected',
      { versions: oldRoutes, refused: new Map([[ROUTES, 1]]), share: 10 },
      NOTHING_KNOWN,
      { state: 'rejected', files: ['rds.mw-jobrunner.yaml'], share: 10 },
    ],
    [
      'with other routes, and some refused long ago, is behind',
      { versions: oldRoutes, refused: new Map([[ROUTES, 1]]) },
      new Map([[ROUTES, 1]]),
      { state: 'behind' },
    ],
    [
      'of a proxy that started anew and refused some is rejected',
      { versions: oldRoutes, refused: new Map([[ROUTES, 1]]) },
      new Map([[ROUTES, 7]]),
      { state: 'rejected' },
    ],
    [
      'with all in force is so, whatever was refused in between',
      { refused: new Map([[ROUTES, 3]]) },
      NOTHING_KNOWN,
      { state: 'in-force' },
    ],
  ])('%s', (_, more, before, wanted) => {
    expect(judgeReport(written, report(more), before)).toMatchObject({ ...wanted, revision: 'r2' });
  });

  it('leaves behind how many updates were refused while a file is in force', () => {
    const refused = new Map([
      [ROUTES, 3],
      [LDS, 2],
    ]);
    expect(refusalsAfter(written, report({ versions: oldRoutes, refused }), new Map([[ROUTES, 1]]))).toEqual(
      new Map([
        [ROUTES, 1],
        [LDS, 2],
        ['cluster_manager.cds', 0],
      ]),
    );
  });
});

describe('the pages of a proxy', () => {
  const statistics = (stats: unknown) => JSON.stringify({ stats });
  const runtime = (value: unknown) => JSON.stringify({ entries: { key: { final_value: value } } });

  it('are read', () => {
    const stats = [
      { name: `${ROUTES}.version_text`, value: '0123456789ab' },
      { name: `${ROUTES}.update_rejected`, value: 2 },
      { name: `${ROUTES}.update_failure`, value: 1 },
      { name: 'vhost.mw-jobrunner.route.shunt-production.upstream_rq_total', value: 7 },
      { name: 'cluster.shunt-testwiki-jobrunner.upstream_rq_completed', value: 5 },
      { name: 'cluster.shunt-testwiki-jobrunner.upstream_rq_5xx', value: 4 },
    ];
    expect(readReport({ statistics: statistics(stats), runtime: runtime('50') }, 'key')).toEqual({
      versions: new Map([[ROUTES, '0123456789ab']]),
      refused: new Map([[ROUTES, 3]]),
      share: 50,
      toProduction: 7,
      targets: new Map([['cluster.shunt-testwiki-jobrunner', { answered: 5, failed: 4 }]]),
    });
  });

  it.each([[''], ['[]'], ['null'], ['{}'], ['{"stats":{}}'], ['{"stats":"x"}']])(
    'are nothing when they are %j',
    (text) => {
      expect(readReport({ statistics: text, runtime: runtime('50') }, 'key')).toBeUndefined();
    },
  );

  it.each([
    ['names that are not text', [{ name: 7, value: 1 }, null, 'x', []]],
    ['versions that are not ours', [{ name: 'a.version_text', value: 'r1"; drop' }]],
    [
      'counts below zero, broken or too large',
      [-1, 0.5, 1e300, '7', null].map((value) => ({ name: 'a.update_rejected', value })),
    ],
    ['the prototype', [{ name: '__proto__.version_text', value: 'x' }]],
  ])('hold nothing of %s', (_, stats) => {
    const read = found(readReport({ statistics: statistics(stats), runtime: '' }, 'key'));
    expect([read.versions.size, read.refused.size, read.share]).toEqual([0, 0, undefined]);
  });

  it.each([['101'], ['-1'], ['1e1'], ['050'], [''], ['abc'], [50], [null]])(
    'have no share where it is %j',
    (value) => {
      const read = readReport({ statistics: statistics([]), runtime: runtime(value) }, 'key');
      expect(read?.share).toBeUndefined();
    },
  );

  it('have no share of the prototype', () => {
    const pages = { statistics: statistics([]), runtime: '{"entries":{}}' };
    expect(readReport(pages, 'constructor')?.share).toBeUndefined();
  });
});
