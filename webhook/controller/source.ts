import { isObject, type JsonObject } from '../core/json.ts';
import { plan as makePlan } from '../core/plan.ts';
import { describeProblems, type Problem } from '../core/problem.ts';
import type { Plan } from '../edges/plan.ts';
import { DIVERSION_FILE } from '../edges/pod-paths.ts';
import { parseDiversion } from '../spec/parse.ts';
import type { Context } from './context.ts';
import { type Subject, sendEvent, subjectOf } from './events.ts';
import type { KubeFailure } from './kube.ts';
import { LastGood } from './last-good.ts';
import { Reflector } from './reflector.ts';
import { type Rendered, renderDiversion } from './rendered.ts';
import { collectionPath, RESOURCES, type Resource } from './resources.ts';

/** What is kept of the release's ConfigMap. */
interface Declared {
  readonly text: string;
  readonly subject: Subject;
}

function declaredIn(object: JsonObject): Declared {
  const data = isObject(object['data']) ? object['data'] : {};
  return { text: String(data[DIVERSION_FILE] ?? ''), subject: subjectOf(RESOURCES.configMap, object) };
}

export interface SourceOptions {
  readonly context: Context;
  readonly namespace: string;
  readonly name: string;
  /** Told of each diversion that comes into force. */
  readonly taken: (rendered: Rendered) => void;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** Follows the release's ConfigMap, and keeps the last diversion that could be read. */
export class Source {
  readonly #options: SourceOptions;
  readonly #watch: Reflector<Declared>;
  readonly #lastGood: LastGood;
  #rendered: Rendered | undefined;
  #rejected: Declared | undefined;
  /** When the text in force was last known to be that in the cluster. */
  #seenMs = 0;

  constructor(options: SourceOptions) {
    const { context, namespace, name, failed } = options;
    this.#options = options;
    this.#lastGood = new LastGood({
      context,
      namespace,
      configMap: name,
      found: (text) => this.#takeLastGood(text),
    });
    this.#watch = new Reflector({
      kube: context.kube,
      resource: RESOURCES.configMap,
      namespace,
      query: { fieldSelector: `metadata.name=${name}` },
      keep: declaredIn,
      changed: (_key, declared) => {
        // Deleting the ConfigMap does not turn the diversion off; uninstalling the chart also stops this process.
        if (declared) this.#take(declared, context.nowMs());
      },
      failed,
    });
  }

  get rendered(): Rendered | undefined {
    return this.#rendered;
  }

  /** Why no diversion is in force. */
  get absence(): string {
    return this.#rejected
      ? 'the diversion cannot be read, and no earlier one is kept'
      : 'the diversion was not read yet';
  }

  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
    this.#lastGood.stop();
  }

  /** Asks the cluster, unless it was heard since then; a watch may be behind. Gives whether the answer is known. */
  async confirm(sinceMs: number): Promise<boolean> {
    if (this.#seenMs > sinceMs) return true;
    const { context, namespace, name } = this.#options;
    const askedMs = context.nowMs();
    const path = collectionPath(RESOURCES.configMap, namespace);
    const query = { fieldSelector: `metadata.name=${name}` };
    const answer = await context.kube.send({ method: 'GET', path, query });
    const [object] = answer.ok ? ((answer.body['items'] ?? []) as readonly JsonObject[]) : [];
    // While a release goes away the text is gone before the replicas are, and nothing says which text was the newest.
    if (!object) return false;
    this.#take(declaredIn(object), askedMs);
    return true;
  }

  /** Takes what is the text in the cluster at that time. */
  #take(declared: Declared, nowMs: number): void {
    const { text, subject } = declared;
    this.#seenMs = nowMs;
    if (text === this.#rejected?.text) return;
    this.#rejected = undefined;
    if (text === this.#rendered?.text) return;
    const parsed = parseDiversion(text);
    if (!parsed.ok) {
      this.#rejected = declared;
      this.#reject(parsed.problems, subject);
      if (!this.#rendered) this.#lastGood.find();
      return;
    }
    this.#lastGood.keep(text);
    this.#use(text, makePlan(parsed.value), subject);
  }

  /** For a replica that starts while the text in the cluster cannot be read. */
  #takeLastGood(text: string | undefined): void {
    const rejected = this.#rejected;
    if (this.#rendered || !rejected) return;
    const parsed = text === undefined ? undefined : parseDiversion(text);
    const { log, nowMs } = this.#options.context;
    if (text === undefined || !parsed?.ok) {
      log.error('no earlier diversion is kept that can be read, so none is in force');
      return;
    }
    log.warn('the last good diversion is in force, since that in the cluster cannot be read');
    this.#seenMs = nowMs();
    this.#use(text, makePlan(parsed.value), rejected.subject);
  }

  #use(text: string, plan: Plan, subject: Subject): void {
    const { context, taken } = this.#options;
    this.#rendered = { ...renderDiversion(text, plan), version: subject.version };
    context.metrics.diversionRead.set(this.#seenMs / 1000);
    const { diversion, hosts, share } = plan;
    context.log.info({ diversion, hosts: hosts.length, share }, 'diversion read');
    taken(this.#rendered);
  }

  #reject(problems: readonly Problem[], subject: Subject): void {
    const { context } = this.#options;
    const described = describeProblems(problems);
    context.metrics.rejectedDiversions.inc();
    context.log.error(
      { problems: described },
      'the diversion cannot be read; the last good one stays in force',
    );
    const message = `The diversion cannot be read; the last good one stays in force: ${described.join('; ')}`;
    const occasion = subject.version;
    void sendEvent(context, subject, { type: 'Warning', reason: 'DiversionRejected', message, occasion });
  }
}
