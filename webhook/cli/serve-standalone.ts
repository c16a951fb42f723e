import { performance } from 'node:perf_hooks';
import { Drain } from '../server/drain.ts';
import { createMetrics } from '../server/metrics.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { openKeyPair, watchKeyPair } from './key-pair.ts';
import { loadPlan } from './load.ts';
import { openLog } from './log.ts';
import { sidecarForm } from './options.ts';
import type { StandaloneOptions } from './serve-options.ts';
import { drainReviews, listenForHealth, listenForReviews, nextSignal } from './serving.ts';

/** The webhook without a cluster: the diversion from a file, certificates from files or made for this run. */
export async function serveStandalone(io: Io, options: StandaloneOptions): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'serve', options.diversion);
  if (!loaded) return EXIT.badInput;
  const log = openLog();
  const pair = await openKeyPair(options, new Date());
  if (!pair.ok) {
    reportProblems(io, 'serve', 'certificate', pair.problems);
    return EXIT.badInput;
  }
  const metrics = createMetrics();
  const drain = new Drain();
  const form = sidecarForm(options.kubernetesVersion);
  const context = {
    plan: () => loaded.plan,
    form: () => form,
    notReady: () => undefined,
    log,
    metrics,
    monotonicMs: () => performance.now(),
  };
  // From here on, since who reads `ready` may end us in the same instant.
  const signalled = nextSignal();
  const health = await listenForHealth(context, drain, options);
  const listening = health.ok ? await listenForReviews(context, drain, pair.value, options) : health;
  if (!health.ok || !listening.ok) {
    reportProblems(io, 'serve', 'address', listening.ok ? [] : listening.problems);
    return EXIT.badInput;
  }
  const { server, port } = listening.value;
  const watch = watchKeyPair({ options, server, log, metrics, pair: pair.value });
  log.info(
    {
      host: options.host,
      port,
      health_port: health.value.port,
      diversion: loaded.plan.diversion,
      hosts: loaded.plan.hosts.length,
    },
    'ready',
  );
  const signal = await signalled;
  log.info({ signal }, 'draining');
  const complete = await drainReviews(listening.value, drain, options);
  watch.stop();
  health.value.close();
  log.info({ complete }, 'stopped');
  return EXIT.fine;
}
