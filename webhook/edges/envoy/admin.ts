import type { Json } from '../../core/json.ts';
import { RUN_DIRECTORY } from '../pod-paths.ts';

const ADMIN_SOCKET = `${RUN_DIRECTORY}/admin.sock`;

/** The admin interface of a proxy of ours: a socket that only its own container reaches. */
export const ADMIN: Json = {
  address: { pipe: { path: ADMIN_SOCKET } },
  ignore_global_conn_limit: true,
};

/** Cluster of the proxy's own admin socket. */
const ADMIN_CLUSTER = 'shunt-admin';

export const adminCluster: Json = {
  name: ADMIN_CLUSTER,
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: {
    cluster_name: ADMIN_CLUSTER,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: ADMIN_SOCKET } } } }] }],
  },
};

/**
 * A route that answers GET of this path by a page of the admin interface. A page with a query of its own takes none from
 * the caller, which would be appended to it.
 */
export function adminPage(path: string, page: string): Json {
  const withoutQuery = page.includes('?') ? [{ name: ':path', string_match: { exact: path } }] : [];
  return {
    match: { path, headers: [{ name: ':method', string_match: { exact: 'GET' } }, ...withoutQuery] },
    route: { cluster: ADMIN_CLUSTER, prefix_rewrite: page, timeout: '5s' },
  };
}
