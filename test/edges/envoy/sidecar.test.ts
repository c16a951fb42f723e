import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../webhook/core/json.ts';
import { findWorkload, type PlannedWorkload } from '../../../webhook/core/plan.ts';
import { sidecarConfig } from '../../../webhook/edges/envoy/sidecar.ts';
import { sidecarData } from '../../../webhook/edges/envoy/sidecar-data.ts';
import type { Plan } from '../../../webhook/edges/plan.ts';
import { diversionPlan, withHosts, withShare } from '../../fixtures/diversions.ts';
import { found } from '../../fixtures/read.ts';
import { at, routesOf } from './configs.ts';

function workloadOf(plan: Plan, name: string): PlannedWorkload {
  return found(findWorkload(plan, name), name);
}

function configOf(name: string, plan = diversionPlan()) {
  return sidecarConfig(plan, workloadOf(plan, name));
}

function resourcesIn(file: JsonObject | undefined): JsonObject[] {
  return found(file)['resources'] as JsonObject[];
}

const socketOf = (listener: Json) => at(listener, 'address', 'socket_address');
const manager = (listener: Json) => at(listener, 'filter_chains', 0, 'filters', 0, 'typed_config');

describe.each([
  ['changeprop', 'mw-api-int', 6501, 'web'],
  ['jobqueue', 'mw-jobrunner', 6506, 'jobrunner'],
])('the sidecar of %s', (name, upstream, port, role) => {
  const files = configOf(name);

  it('has the four files of filesystem xDS, each resource with its type', () => {
    expect(Object.keys(files)).toEqual(['bootstrap.yaml', 'lds.yaml', 'cds.yaml', `rds.${upstream}.yaml`]);
    const types = ['lds.yaml', 'cds.yaml', `rds.${upstream}.yaml`].map((file) =>
      resourcesIn(files[file]).map((resource) => String(resource['@type']).split('.').at(-1)),
    );
    expect(types).toEqual([
      ['Listener', 'Listener'],
      ['Cluster', 'Cluster', 'Cluster', 'Cluster'],
      ['RouteConfiguration'],
    ]);
  });

  it('follows the mounted folder', () => {
    const sources = [
      at(files['bootstrap.yaml'], 'dynamic_resources', 'lds_config'),
      at(files['bootstrap.yaml'], 'dynamic_resources', 'cds_config'),
      at(manager(resourcesIn(files['lds.yaml'])[1] ?? {}), 'rds', 'config_source'),
    ];
    expect(sources.map((source) => at(source, 'path_config_source'))).toEqual(
      ['lds', 'cds', `rds.${upstream}`].map((file) => ({
        path: `/etc/shunt/testwiki/${file}.yaml`,
        watched_directory: { path: '/etc/shunt/testwiki' },
      })),
    );
  });

  it('listens on loopback only, save for health and metrics', () => {
    expect(resourcesIn(files['lds.yaml']).map((listener) => socketOf(listener))).toEqual([
      { address: '0.0.0.0', port_value: 1667 },
      { address: '127.0.0.1', port_value: port },
    ]);
  });

  it('has its admin interface on a socket of the pod alone', () => {
    expect(at(files['bootstrap.yaml'], 'admin', 'address')).toEqual({
      pipe: { path: '/run/shunt/admin.sock' },
    });
  });

  it('reads the share from the mounted folder, below the admin layer', () => {
    const layers = at(files['bootstrap.yaml'], 'layered_runtime', 'layers') as JsonObject[];
    const ofDisk = layers.flatMap((layer) => layer['disk_layer'] ?? []);
    expect(ofDisk).toEqual([{ symlink_root: '/etc/shunt/testwiki/..data', subdirectory: 'runtime' }]);
    expect(layers.at(-1)).toHaveProperty('admin_layer', {});
  });

  it('says in every cluster that leaves the pod which SNI it sends and which names it accepts', () => {
    const plan = diversionPlan();
    const own = found(plan.upstreams.find((candidate) => candidate.name === upstream));
    const expected = [
      [`shunt-testwiki-${role}`, own.target.sni, own.target.certificateNames],
      [upstream, own.sni, own.certificateNames],
    ];
    const leaving = resourcesIn(files['cds.yaml']).filter(({ name }) => !/^shunt-ready/.test(String(name)));
    const given = leaving.map((cluster) => {
      const tls = at(cluster, 'transport_socket', 'typed_config');
      const names = at(
        tls,
        'common_tls_context',
        'validation_context',
        'match_typed_subject_alt_names',
      ) as Json[];
      return [cluster['name'], at(tls, 'sni'), names.map((entry) => at(entry, 'matcher', 'exact'))];
    });
    expect(given).toEqual(expected);
  });

  it('adds nothing of its own to what the app sends or gets', () => {
    const listener = manager(resourcesIn(files['lds.yaml'])[1] ?? {});
    expect(listener).toMatchObject({
      generate_request_id: false,
      server_header_transformation: 'PASS_THROUGH',
      skip_xff_append: true,
      stream_idle_timeout: '0s',
    });
    expect(at(listener, 'http_filters', 0, 'typed_config', 'suppress_envoy_headers')).toBe(true);
  });

  it('ends with a route for everybody else, with the timeout of production', () => {
    const routes = routesOf(files[`rds.${upstream}.yaml`]);
    const own = found(diversionPlan().upstreams.find((candidate) => candidate.name === upstream));
    const timeout = `${own.timeout / 1000}s`;
    expect(routes.at(-1)).toEqual({
      name: upstream,
      match: { prefix: '/' },
      route: { cluster: upstream, timeout, idle_timeout: timeout },
    });
  });

  it('leads the probe through each listener and back to the clusters of production', () => {
    const [telemetry = {}, ...listeners] = resourcesIn(files['lds.yaml']);
    const [filter] = at(manager(telemetry), 'http_filters') as Json[];
    const wanted = at(filter, 'typed_config', 'cluster_min_healthy_percentages');
    expect(wanted).toEqual({ [upstream]: { value: 0 } });
    const hops = resourcesIn(files['cds.yaml']).filter(({ name }) => /^shunt-ready/.test(String(name)));
    const socketOfHop = (hop: Json) =>
      at(hop, 'load_assignment', 'endpoints', 0, 'lb_endpoints', 0, 'endpoint', 'address', 'socket_address');
    expect(hops.map((hop) => at(socketOfHop(hop), 'port_value'))).toEqual([
      ...listeners.map((listener) => at(socketOf(listener), 'port_value')),
      1667,
    ]);
    const [passing] = routesOf(files[`rds.${upstream}.yaml`]);
    expect(at(passing, 'match', 'headers', 0, 'string_match')).toEqual({ exact: 'ready.shunt.invalid' });
  });

  it('sends the declared x-forwarded-proto', () => {
    expect(at(files[`rds.${upstream}.yaml`], 'resources', 0, 'request_headers_to_add')).toEqual([
      { header: { key: 'x-forwarded-proto', value: 'https' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ]);
  });
});

describe('limits of the sidecar', () => {
  const files = configOf('jobqueue');

  it('gives connections to production and to the target the time that is declared', () => {
    const clusters = resourcesIn(files['cds.yaml']);
    const timeout = (name: string) =>
      clusters.find((cluster) => cluster['name'] === name)?.['connect_timeout'];
    expect([timeout('mw-jobrunner'), timeout('shunt-testwiki-jobrunner')]).toEqual(['120s', '10s']);
  });

  it('lets no route to production give up before it is told to', () => {
    const [, withoutHost, ...rest] = routesOf(files['rds.mw-jobrunner.yaml']);
    for (const route of [withoutHost, rest.at(-1)]) {
      expect(at(route ?? {}, 'route', 'timeout')).toBe('1202.5s');
      expect(at(route ?? {}, 'route', 'retry_policy')).toBeUndefined();
    }
  });
});

describe('a change of the diversion', () => {
  const before = configOf('jobqueue');

  it.each([
    ['another host', withHosts('test2.wikipedia.org')],
    ['more hosts', withHosts('test.wikipedia.org', 'test.m.wikipedia.org')],
  ])('of hosts touches routes only: %s', (_, change) => {
    const { 'rds.mw-jobrunner.yaml': routes, ...after } = configOf('jobqueue', diversionPlan(change));
    const { 'rds.mw-jobrunner.yaml': routesBefore, ...rest } = before;
    expect(after).toEqual(rest);
    expect(routes).not.toEqual(routesBefore);
  });

  it('of the share changes one value of the ConfigMap besides the defaults in the routes', () => {
    const data = (percent: number) => {
      const plan = diversionPlan(withShare(percent));
      return sidecarData(plan, workloadOf(plan, 'jobqueue'), 'text');
    };
    const { share: full, 'rds.mw-jobrunner.yaml': _full, ...rest } = data(100);
    const { share: none, 'rds.mw-jobrunner.yaml': _none, ...others } = data(0);
    expect([full, none]).toEqual(['100', '0']);
    expect(others).toEqual(rest);
  });
});

describe('the ConfigMap’s data', () => {
  const plan = diversionPlan();

  it('is the same bytes twice', () => {
    const data = () => JSON.stringify(sidecarData(diversionPlan(), workloadOf(plan, 'changeprop'), 'text'));
    expect(data()).toBe(data());
  });

  const AUTHORITIES = ['target-ca.debug.yaml', 'target-ca.jobrunner.yaml', 'target-ca.web.yaml'];

  it('holds the files as YAML, the diversion as it is written, and the share', () => {
    const data = sidecarData(plan, workloadOf(plan, 'changeprop'), 'the text\n');
    expect(Object.keys(data).sort()).toEqual(
      [
        'bootstrap.yaml',
        'cds.yaml',
        'diversion.yaml',
        'lds.yaml',
        'rds.mw-api-int.yaml',
        'share',
        ...AUTHORITIES,
      ].sort(),
    );
    expect(data['diversion.yaml']).toBe('the text\n');
    expect(parse(found(data['rds.mw-api-int.yaml']))).toEqual(
      sidecarConfig(plan, workloadOf(plan, 'changeprop'))['rds.mw-api-int.yaml'],
    );
  });

  it('holds for a pod that has an Envoy already the authorities of the targets alone', () => {
    expect(Object.keys(sidecarData(plan, workloadOf(plan, 'mobileapps'), 'x')).sort()).toEqual([
      'diversion.yaml',
      'share',
      ...AUTHORITIES,
    ]);
  });

  it.each(['x-envoy-max-retries', 'x-envoy-upstream-rq-timeout-ms'])(
    'strips %s before anything reads it',
    (header) => {
      const data = sidecarData(plan, workloadOf(plan, 'jobqueue'), 'x');
      expect(data['lds.yaml']).toContain(`remove: "${header}"`);
    },
  );
});
