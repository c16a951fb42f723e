import ipaddr from 'ipaddr.js';
import { type Milliseconds, milliseconds } from '../core/duration.ts';
import { shareRuntimeKey } from '../edges/pod-paths.ts';
import { type InForce, judgeReport, type Refusals, refusalsAfter } from '../observe/in-force.ts';
import { readReport } from '../observe/proxy-report.ts';
import { backoff } from './backoff.ts';
import type { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { workloadOf } from './pod-notes.ts';
import type { PodRecord } from './records.ts';
import type { Rendered, RenderedWorkload } from './rendered.ts';
import { type Outcome, WorkQueue } from './work-queue.ts';

/** With 5,000 pods each replica asks 83 a second then. */
const ASK_AGAIN_MS = 60_000;
/** Each holds a socket for 2 s at most. */
const CONCURRENCY = 32;
const MAX_WAIT_MS = 30_000;
/** A pod also changes for reasons that its proxy has no part in; an answer that says `in force` is that fresh. */
const FRESH_MS = 5_000;
/** A pod that does not run what is written is asked again no sooner than that. */
const MIN_PAUSE_MS = 500;
/** With more pods than this each is asked less often. */
const MAX_ASKED_PER_SECOND = 500;

const OWN_ENVOY = 'it runs an Envoy of its own, which does not report';
const NO_ADDRESS = 'its proxy has not started';
const NOT_ASKED = 'its proxy was not asked yet';
const NOT_OURS = 'its address is not one of a pod';
const UNREADABLE = 'the answer is not that of our sidecar';

/** What is known of one pod's proxy. */
export interface ProxyState {
  readonly inForce: InForce;
  /** Since when it has been in this state, in milliseconds since 1970. */
  readonly sinceMs: number;
}

interface Known extends ProxyState {
  readonly uid: string;
  readonly askedMs: number;
  readonly refusals: Refusals;
  /** In a row that did not find the written revision in force. */
  readonly misses: number;
}

export interface ProxyWatchOptions {
  readonly context: Context;
  readonly cache: ClusterCache;
  /** Told of each pod whose state is another now. */
  readonly changed: (key: string) => void;
}

/** Asks the sidecar of every injected pod what it runs: soon after a change, then from time to time. */
export class ProxyWatch {
  readonly #options: ProxyWatchOptions;
  readonly #known = new Map<string, Known>();
  readonly #queue: WorkQueue;

  constructor(options: ProxyWatchOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({ handle: (key) => this.#look(key), concurrency: CONCURRENCY });
  }

  /** Looks at a pod that may run something else now. */
  look(key: string): void {
    this.#queue.add(key);
  }

  stop(): void {
    this.#queue.stop();
  }

  /** What the proxy of a pod runs, compared with the diversion as it is now. */
  stateOf({ namespace, name, uid }: PodRecord, workload: RenderedWorkload): ProxyState {
    const known = this.#known.get(`${namespace}/${name}`);
    if (!known || known.uid !== uid)
      return { inForce: { state: 'unknown', why: NOT_ASKED }, sinceMs: this.#nowMs() };
    const { inForce, sinceMs } = known;
    if (inForce.state === 'unknown' || inForce.revision === workload.revision) return { inForce, sinceMs };
    const { share } = inForce;
    return { inForce: { state: 'behind', revision: workload.revision, files: [], share }, sinceMs };
  }

  async #look(key: string): Promise<Outcome> {
    const { cache } = this.#options;
    const record = cache.pod(key);
    const workload = cache.rendered && record && workloadOf(record, cache.rendered);
    if (!cache.rendered || !record || !workload || record.finished) {
      this.#known.delete(key);
      return 'done';
    }
    const before = this.#knownOf(key, record);
    const wait = this.#waitFor(before, workload);
    if (wait !== undefined) return { againIn: wait };
    const next = await this.#ask(record, { rendered: cache.rendered, workload, before });
    this.#known.set(key, next);
    if (!before || !isSame(before.inForce, next.inForce)) this.#options.changed(key);
    return { againIn: milliseconds(Math.max(this.#minPauseMs, pauseAfter(next))) };
  }

  #knownOf(key: string, { uid }: PodRecord): Known | undefined {
    const known = this.#known.get(key);
    return known?.uid === uid ? known : undefined;
  }

  /** Undefined when it is time to ask. */
  #waitFor(before: Known | undefined, workload: RenderedWorkload): Milliseconds | undefined {
    if (!before) return undefined;
    const { inForce, askedMs } = before;
    const isTaken = inForce.state === 'in-force' && inForce.revision === workload.revision;
    const leftMs = askedMs + (isTaken ? FRESH_MS : this.#minPauseMs) - this.#nowMs();
    return leftMs > 0 ? milliseconds(leftMs) : undefined;
  }

  get #minPauseMs(): number {
    return Math.max(MIN_PAUSE_MS, (this.#known.size * 1000) / MAX_ASKED_PER_SECOND);
  }

  async #ask(record: PodRecord, { rendered, workload, before }: Asked): Promise<Known> {
    const { written } = workload;
    const { uid } = record;
    const refusals = before?.refusals ?? new Map<string, number>();
    const answer = await this.#answerOf(record, rendered);
    const report = answer.ok ? readReport(answer, shareRuntimeKey(rendered.plan.diversion)) : undefined;
    const inForce: InForce = report
      ? judgeReport(written, report, refusals)
      : { state: 'unknown', why: answer.ok ? UNREADABLE : answer.why };
    const nowMs = this.#nowMs();
    const stays = before?.inForce.state === inForce.state;
    return {
      uid,
      inForce,
      sinceMs: stays ? before.sinceMs : nowMs,
      askedMs: nowMs,
      refusals: report ? refusalsAfter(written, report, refusals) : refusals,
      misses: inForce.state === 'in-force' ? 0 : (before?.misses ?? 0) + 1,
    };
  }

  async #answerOf({ address, hasSidecar }: PodRecord, { plan }: Rendered) {
    if (!hasSidecar) return { ok: false, why: OWN_ENVOY } as const;
    if (address === undefined) return { ok: false, why: NO_ADDRESS } as const;
    if (!isPodAddress(address)) return { ok: false, why: NOT_OURS } as const;
    const answer = await this.#options.context.askProxy({ address, port: plan.sidecar.telemetryPort });
    this.#options.context.metrics.proxyAsks.inc({ result: answer.ok ? 'answered' : 'failed' });
    return answer;
  }

  #nowMs(): number {
    return this.#options.context.nowMs();
  }
}

interface Asked {
  readonly rendered: Rendered;
  readonly workload: RenderedWorkload;
  readonly before: Known | undefined;
}

/** Addresses that no pod has, such as those of the node itself or of a cloud's metadata, are never asked. */
export function isPodAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  return !NEVER_ASKED.includes(ipaddr.process(text).range());
}

const NEVER_ASKED: readonly string[] = ['loopback', 'linkLocal', 'multicast', 'unspecified', 'broadcast'];

/** Whether nothing will ever be known of it. */
export function isOwnEnvoy(inForce: InForce): boolean {
  return inForce.state === 'unknown' && inForce.why === OWN_ENVOY;
}

function pauseAfter({ inForce, misses }: Known): Milliseconds {
  if (inForce.state === 'in-force' || isOwnEnvoy(inForce))
    return milliseconds(ASK_AGAIN_MS * (0.5 + Math.random()));
  return backoff(misses, Math.random, MAX_WAIT_MS);
}

function isSame(one: InForce, other: InForce): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
