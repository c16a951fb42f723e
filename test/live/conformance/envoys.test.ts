import { WITHOUT_TLS } from '../../conformance/driver.ts';
import { divertedEnvoyDriver } from '../../conformance/drivers/diverted-envoy.ts';
import { sidecarDriver } from '../../conformance/drivers/sidecar.ts';
import { conform } from '../../conformance/suite.ts';
import { withFurther } from '../../fixtures/further-inputs.ts';
import { gatewayBootstrap } from '../../fixtures/gateway/bootstrap.ts';
import { fixtureText } from '../../fixtures/read.ts';
import { ENVOY_VERSIONS } from '../ask.ts';

const mesh = {
  name: "a pod's own Envoy",
  edge: 'mesh',
  upstream: 'mw-api-int-async',
  method: 'GET',
  path: '/w/api.php?action=query',
  config: fixtureText('envoy/mesh.yaml'),
  door: { address: '127.0.0.1', port: 6500 },
  skips: {
    ...WITHOUT_TLS,
    'HTTP/2':
      'its cluster calls production by the protocol of the caller, and the stand-in speaks HTTP/1.1 alone',
  },
} as const;

const gateway = {
  name: 'a REST gateway',
  edge: 'rest-gateway',
  method: 'GET',
  path: '/w/rest.php/v1/page/Main',
  config: fixtureText('envoy/rest-gateway.yaml'),
  door: { address: '127.0.0.1', port: 8087 },
  skips: WITHOUT_TLS,
} as const;

/** Gateways as they are deployed, which end TLS themselves. */
const wholeGateways = withFurther([{ name: 'a whole REST gateway', text: gatewayBootstrap() }], {
  'the REST gateway as deployed': 'envoy/rest-gateway.yaml',
}).map(({ name, text }) => ({
  ...gateway,
  name,
  config: text,
  door: { ...gateway.door, sni: 'rest-gateway.discovery.wmnet' },
  skips: {},
}));

const jobs = { upstream: 'mw-jobrunner', method: 'POST', path: '/rpc/RunSingleJob.php' };
const pages = { upstream: 'mw-api-int', method: 'GET', path: '/w/api.php?action=query' };

for (const version of ENVOY_VERSIONS) {
  conform(sidecarDriver('jobqueue', version, jobs));
  conform(sidecarDriver('changeprop', version, pages));
  conform(divertedEnvoyDriver({ ...mesh, version }));
  conform(divertedEnvoyDriver({ ...gateway, version }));
  for (const whole of wholeGateways) conform(divertedEnvoyDriver({ ...whole, version }));
}
