import type { Target } from '../../core/diversion.ts';
import { runsJobs } from '../../core/role.ts';
import { type LuaValue, luaLiteral } from './lua-literal.ts';
import { shareFile } from './names.ts';
import { PROGRAM } from './program.ts';
import { REFUSED_PROGRAM } from './refused-program.ts';
import type { AtsPlan, AtsSettings } from './settings.ts';

const SECOND_MS = 1000;

/** The Lua script of a diversion: its data as one table, and the program that all diversions share. */
export function script(plan: AtsPlan, settings: AtsSettings): string {
  return `${scriptTitle(plan.diversion)}\nlocal data = ${luaLiteral(scriptData(plan, settings))}\n${REFUSED_PROGRAM}${PROGRAM}`;
}

/** The first line of a diversion's script. */
export function scriptTitle(diversion: string): string {
  return `-- Diversion ${diversion}, written by \`shunt render ats\`; change the diversion rather than this file.`;
}

function scriptData(plan: AtsPlan, settings: AtsSettings): LuaValue {
  const { debug, refusedOutside } = plan.edges;
  const declared = new Set<string>(plan.hosts);
  const roles = new Set(plan.upstreams.map(({ target }) => target.role));
  if (debug) roles.add('debug');
  return {
    name: plan.diversion,
    hosts: Object.fromEntries([
      ...settings.aliases.filter(({ host }) => declared.has(host)).map(({ name, host }) => [name, host]),
      ...plan.hosts.map((host) => [host, host]),
    ]),
    upstreams: Object.fromEntries(
      plan.upstreams.flatMap(({ addresses, port, target }) =>
        addresses.map((address) => [`${address.toLowerCase()}:${port}`, target.role]),
      ),
    ),
    targets: Object.fromEntries(
      plan.targets.filter(({ role }) => roles.has(role)).map((target) => [target.role, targetData(target)]),
    ),
    share: plan.share,
    shareFile: `${settings.folder}/${shareFile(plan.diversion)}`,
    clientHeader: settings.clientHeader,
    refused: [...refusedOutside],
    debug: debug && {
      header: debug.header,
      backends: Object.fromEntries(debug.backends.map((backend) => [backend, true])),
    },
    texts: {
      refused: 'This path is not served to the outside.\n',
      notAllowed: 'The other environment does not take this request.\n',
      unknownBackend:
        debug && `${debug.header} names no backend of this host; there are: ${debug.backends.join(', ')}\n`,
    },
  };
}

function targetData(target: Target): LuaValue {
  const { address, port, authority, allow } = target;
  return {
    address,
    port,
    authority: authority === 'preserve' ? undefined : authority,
    allow: allow && Object.fromEntries(allow.map(({ method, path }) => [`${method} ${path}`, true])),
    texts: {
      'proxy.config.ssl.client.sni_policy': `@${target.sni}`,
      'proxy.config.ssl.client.verify.server.policy': 'ENFORCED',
      'proxy.config.ssl.client.verify.server.properties': 'ALL',
      'proxy.config.ssl.client.CA.cert.filename': target.caFile,
      // The default, `both`, never uses a connection again whose SNI is not the Host, and gives it to another SNI's request.
      'proxy.config.http.server_session_sharing.match': 'ip,hostonly,sni',
    },
    numbers: {
      // The key of a cached object is the URL that the client asked for, so both environments would share it.
      'proxy.config.http.cache.http': 0,
      'proxy.config.url_remap.pristine_host_hdr': 1,
      ...(runsJobs(target.role) ? jobLimits(target) : {}),
    },
  };
}

/** A job is waited for to its end, and never sent twice. */
function jobLimits({ timeout, retries }: Target): Record<string, number> {
  const seconds = Math.ceil(timeout / SECOND_MS);
  return {
    'proxy.config.http.transaction_no_activity_timeout_out': seconds,
    'proxy.config.http.transaction_active_timeout_out': seconds,
    'proxy.config.http.connect_attempts_max_retries': retries,
  };
}
