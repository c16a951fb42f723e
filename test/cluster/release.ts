import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inRepository } from '../fixtures/read.ts';
import type { ApiServer } from './api-server.ts';
import { Balancer } from './balancer.ts';
import { ClusterError } from './cluster-error.ts';
import { makeDeclaredNamespaces } from './declared.ts';
import { helm } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { type Replica, startReplica, stopReplica } from './replica.ts';

/** Templates that register the webhook, and where it is asked. */
const ROUTES = { 'registration.yaml': '/mutate', 'validation.yaml': '/validate' };

export interface ReleaseOptions {
  readonly release?: string;
  readonly namespace?: string;
  /** Folder of the chart; the repository's own unless told. */
  readonly chart?: string;
  readonly values?: readonly string[];
  /** Further flags of each replica. */
  readonly flags?: readonly string[];
  /** The replicas' program; the checkout's unless told. */
  readonly program?: string;
  /** A command under which each replica runs, such as one that limits it. */
  readonly under?: readonly string[];
}

/**
 * The chart installed on an API server without nodes. Its replicas run outside, with the rights of its ServiceAccount,
 * and the registration leads to them by a URL instead of the Service.
 */
export class Release {
  readonly api: ApiServer;
  readonly namespace: string;
  readonly name: string;
  readonly balancer: Balancer;
  readonly replicas = new Set<Replica>();
  /** Further flags of each replica that is started from now on. */
  flags: readonly string[];
  readonly #options: ReleaseOptions;
  readonly #kubeconfig: string;

  private constructor(api: ApiServer, options: ReleaseOptions, balancer: Balancer) {
    const { release = 'shunt', namespace = 'shunt-system' } = options;
    this.api = api;
    this.#options = options;
    this.flags = options.flags ?? [];
    this.namespace = namespace;
    this.name = `pretrain-shunt-${release}`;
    this.balancer = balancer;
    this.#kubeconfig = path.join(api.folder, `${this.name}.${namespace}.kubeconfig`);
  }

  /** Installs the chart, with that many replicas, and waits until all of them are ready. */
  static async install(api: ApiServer, replicas: number, options: ReleaseOptions = {}): Promise<Release> {
    const release = new Release(api, options, await Balancer.start());
    await release.upgrade();
    await release.#writeKubeconfig();
    await release.scale(replicas);
    return release;
  }

  get registration(): string {
    return `${this.name}.${this.namespace}`;
  }

  /** `helm upgrade --install`, with further values. */
  async upgrade(values: readonly string[] = [], version: '3' | '4' = '3'): Promise<void> {
    const { release = 'shunt', values: always = [] } = this.#options;
    const place = ['-n', this.namespace, '--create-namespace'];
    const chart = await this.#leadToReplicas();
    await makeDeclaredNamespaces(this.api.kubeconfig, chart);
    await helm({ ...this.api, version }, [
      'upgrade',
      '--install',
      release,
      chart,
      ...place,
      ...always,
      ...values,
    ]);
  }

  async uninstall(version: '3' | '4' = '3'): Promise<void> {
    const { release = 'shunt' } = this.#options;
    await helm({ ...this.api, version }, ['uninstall', release, '-n', this.namespace, '--wait']);
  }

  /** Starts and ends replicas until there are that many, each ready. */
  async scale(count: number): Promise<void> {
    while (this.replicas.size < count) await this.add();
    for (const replica of [...this.replicas].slice(count)) await this.remove(replica);
  }

  async add(): Promise<Replica> {
    const { namespace, name } = this;
    const fast = ['--nudge', '--drain-grace', '1500ms', ...this.flags];
    const { program, under } = this.#options;
    const replica = await startReplica({
      kubeconfig: this.#kubeconfig,
      namespace,
      name,
      flags: fast,
      ...(program === undefined ? {} : { program }),
      ...(under === undefined ? {} : { under }),
    });
    this.replicas.add(replica);
    this.balancer.endpoints.add(replica);
    await until(`replica on ${replica.healthPort} is ready`, async () => {
      await this.balancer.look();
      return this.balancer.readyCount === this.balancer.endpoints.size;
    });
    return replica;
  }

  async remove(replica: Replica, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.replicas.delete(replica);
    await stopReplica(replica, signal);
    this.balancer.endpoints.delete(replica);
  }

  /** kubectl as the administrator; throws a ClusterError when it fails. */
  async run(args: readonly string[], input?: unknown): Promise<string> {
    const { status, text } = await kubectl(this.api.kubeconfig, args, input);
    if (status !== 0) throw new ClusterError(`kubectl ${args.join(' ')}: ${text}`);
    return text;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.replicas].map((replica) => this.remove(replica)));
    this.balancer.close();
  }

  /** Without nodes no Service leads anywhere, so a copy of the chart registers a URL. */
  async #leadToReplicas(): Promise<string> {
    const { chart = inRepository('chart') } = this.#options;
    const copy = path.join(this.api.folder, `${this.name}.${this.namespace}.chart`);
    await cp(chart, copy, { recursive: true });
    for (const [name, route] of Object.entries(ROUTES)) {
      const file = path.join(copy, 'templates', name);
      // An earlier version has no registration for the diversion.
      if (!existsSync(file)) continue;
      const template = await readFile(file, 'utf8');
      const url = `url: https://127.0.0.1:${this.balancer.port}${route}\n`;
      const changed = template.replace(/service:\n(?: {8}.*\n)+/, url);
      if (changed === template) throw new ClusterError(`${file} registers no service`);
      await writeFile(file, changed);
    }
    return copy;
  }

  async #writeKubeconfig(): Promise<void> {
    const token = (
      await this.run(['create', 'token', this.name, '-n', this.namespace, '--duration=24h'])
    ).trim();
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'api',
          cluster: {
            server: this.api.url,
            'certificate-authority-data': Buffer.from(this.api.ca).toString('base64'),
          },
        },
      ],
      users: [{ name: 'shunt', user: { token } }],
      contexts: [{ name: 'shunt', context: { cluster: 'api', user: 'shunt' } }],
      'current-context': 'shunt',
    };
    await writeFile(this.#kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }
}

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Waits for something to become so; throws a ClusterError that names it when it does not within 30 s. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new ClusterError(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
