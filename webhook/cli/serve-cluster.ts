import { performance } from 'node:perf_hooks';
import { askProxyWithin } from '../controller/ask-proxy.ts';
import type { Context } from '../controller/context.ts';
import { Controller, type ControllerSettings } from '../controller/controller.ts';
import { connectKube } from '../controller/kube-https.ts';
import { createControllerMetrics } from '../controller/metrics.ts';
import { followVersion } from '../controller/server-version.ts';
import type { Result } from '../core/problem.ts';
import { Drain } from '../server/drain.ts';
import type { Listening } from '../server/listen.ts';
import { createMetrics } from '../server/metrics.ts';
import type { MutateContext } from '../server/mutate.ts';
import { type KeyPair, OLDEST_TLS } from '../server/tls.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { openKeyPair, watchKeyPair } from './key-pair.ts';
import { loadKubeConfig } from './kube-config.ts';
import { openLog } from './log.ts';
import { sidecarForm } from './options.ts';
import type { ClusterOptions } from './serve-options.ts';
import { drainReviews, listenForHealth, listenForReviews, nextSignal } from './serving.ts';

/** The webhook and its controller, in the cluster that they run in or the one that a kubeconfig names. */
export async function serveCluster(io: Io, options: ClusterOptions): Promise<ExitCode> {
  const config = loadKubeConfig(options.kubeconfig, 'cluster');
  const files = options.secret === undefined ? await openKeyPair(options, new Date()) : undefined;
  if (!config.ok || files?.ok === false) {
    const problems = config.ok ? (files?.ok === false ? files.problems : []) : config.problems;
    reportProblems(io, 'serve', config.ok ? 'certificate' : 'cluster', problems);
    return EXIT.badInput;
  }
  const log = openLog();
  const metrics = createMetrics();
  const pair = new PairInUse(files?.value);
  const context: Context = {
    kube: connectKube(config.value, () => performance.now()),
    askProxy: askProxyWithin(),
    log,
    metrics: createControllerMetrics(metrics.registry),
    nowMs: () => Date.now(),
    replica: io.env['POD_NAME'] ?? 'shunt',
  };
  const controller = new Controller(context, settingsOf(options), (leaf) => pair.use(leaf));
  let version: string | undefined;
  const versions = followVersion(context, (found) => {
    version = found;
  });
  const reviews: MutateContext = {
    // Without the version the form of the sidecar is unknown, and with it what to inject.
    plan: () => (version === undefined ? undefined : controller.plan),
    form: () => sidecarForm(version ?? ''),
    notReady: () =>
      version === undefined ? 'the API server has not told its version yet' : controller.notReady,
    log,
    metrics,
    monotonicMs: () => performance.now(),
  };
  const code = await serve(io, options, { controller, reviews, pair });
  controller.stop();
  versions.stop();
  return code;
}

interface Parts {
  readonly controller: Controller;
  readonly reviews: MutateContext;
  readonly pair: PairInUse;
}

async function serve(
  io: Io,
  options: ClusterOptions,
  { controller, reviews, pair }: Parts,
): Promise<ExitCode> {
  const { log, metrics } = reviews;
  const drain = new Drain();
  const signalled = nextSignal();
  const health = await listenForHealth(reviews, drain, options);
  if (!health.ok) return refuse(io, health);
  controller.start();
  // A cluster that cannot be reached gives no certificate, and must not keep us from ending.
  const first = await Promise.race([pair.first, signalled]);
  const listening =
    typeof first === 'string' ? undefined : await listenForReviews(reviews, drain, first, options);
  if (listening && !listening.ok) return refuse(io, listening);
  if (listening) {
    pair.serveOn(listening.value);
    const { port } = listening.value;
    log.info({ host: options.host, port, health_port: health.value.port }, 'listening');
  }
  const watch =
    listening && options.secret === undefined && typeof first !== 'string'
      ? watchKeyPair({ options, server: listening.value.server, log, metrics, pair: first })
      : undefined;
  const signal = await signalled;
  log.info({ signal }, 'draining');
  const complete = listening ? await drainReviews(listening.value, drain, options) : true;
  watch?.stop();
  health.value.close();
  log.info({ complete }, 'stopped');
  return EXIT.fine;
}

function refuse(io: Io, result: Result<unknown>): ExitCode {
  reportProblems(io, 'serve', 'address', result.ok ? [] : result.problems);
  return EXIT.badInput;
}

/** The certificate that is served with: none at first, then each that takes the place of the one before. */
class PairInUse {
  readonly first: Promise<KeyPair>;
  #current: KeyPair | undefined;
  #listening: Listening | undefined;
  #resolve: (pair: KeyPair) => void = () => undefined;

  constructor(given: KeyPair | undefined) {
    this.first = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (given) this.use(given);
  }

  use(pair: KeyPair): void {
    this.#current = pair;
    this.#resolve(pair);
    this.#listening?.server.setSecureContext({ cert: pair.cert, key: pair.key, minVersion: OLDEST_TLS });
  }

  /** From here on new connections get what is then in use. */
  serveOn(listening: Listening): void {
    this.#listening = listening;
    if (this.#current) this.use(this.#current);
  }
}

function settingsOf(options: ClusterOptions): ControllerSettings {
  const { namespace, configMap, registration, service, secret, formerSecret } = options;
  const trust = secret !== undefined && {
    namespace,
    secret,
    ...(formerSecret === undefined ? {} : { formerSecret }),
    registration,
    service,
    names: options.name ?? [],
    caLifetime: options.caLifetime,
    leafLifetime: options.leafLifetime,
    settle: options.settle,
  };
  return {
    namespace,
    configMap,
    release: `${namespace}/${service}`,
    policyMode: options.networkPolicy,
    nudge: options.nudge === true,
    ...(trust ? { trust } : {}),
  };
}
