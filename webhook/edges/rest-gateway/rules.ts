import type { z } from 'zod';
import { NAME } from '../../core/gateway-paths.ts';
import { type EdgeSpec, itemsOf, problem, type RuleProblem } from '../rules.ts';
import type { gatewaySettings } from './schema.ts';

type GatewaySpec = EdgeSpec<{ readonly restGateway?: z.output<typeof gatewaySettings> | undefined }>;

/** What these rules can say. */
type GatewayCode = 'gateway-name-diverted' | 'gateway-path-host';

const PLACE = ['spec', 'edges', 'restGateway'];

/** Every host is made of what its path holds, and the gateway's own names are no diverted hosts. */
export function checkGateway({ edges, hosts }: GatewaySpec): RuleProblem<GatewayCode>[] {
  const gateway = edges?.restGateway;
  const diverted = itemsOf(hosts).map(([, host]) => host.toLowerCase());
  const names = itemsOf(gateway?.names).filter(([, name]) => diverted.includes(name.toLowerCase()));
  const paths = itemsOf(gateway?.paths).filter(([, { path, host }]) => {
    return path !== undefined && host !== undefined && !agree(path, host);
  });
  return [
    ...names.map(([index, name]) =>
      problem('gateway-name-diverted', [...PLACE, 'names', index], {
        value: name,
        message: 'is one of the diverted hosts',
        remedy: "list only the gateway's own names",
      }),
    ),
    ...paths.map(([index, { path, host }]) =>
      problem('gateway-path-host', [...PLACE, 'paths', index, 'host'], {
        value: host,
        message: `does not fit the path ${path}`,
        remedy: `write ${NAME} once in the path and once in the host, or in neither`,
      }),
    ),
  ];
}

function agree(path: string, host: string): boolean {
  const inPath = path.split(NAME).length - 1;
  return inPath <= 1 && (inPath === 1) === host.includes(NAME);
}
