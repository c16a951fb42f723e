import { isObject, type JsonObject } from '../core/json.ts';
import { plan as makePlan } from '../core/plan.ts';
import { describeProblem, type Problem } from '../core/problem.ts';
import { DIVERSION_FILE } from '../edges/pod-paths.ts';
import { parseDiversion } from '../spec/parse.ts';
import type { Context } from './context.ts';
import { type Subject, sendEvent, subjectOf } from './events.ts';
import type { KubeFailure } from './kube.ts';
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

/** A log line and an event hold only so much. */
const MAX_DESCRIBED = 20;

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
  #rendered: Rendered | undefined;
  #rejected: string | undefined;
  /** When the text in force was last known to be that in the cluster. */
  #seenMs = 0;

  constructor(options: SourceOptions) {
    const { context, namespace, name, failed } = options;
    this.#options = options;
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

  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
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
  #take({ text, subject }: Declared, nowMs: number): void {
    this.#seenMs = nowMs;
    if (text === this.#rejected) return;
    this.#rejected = undefined;
    if (text === this.#rendered?.text) return;
    const parsed = parseDiversion(text);
    if (!parsed.ok) {
      this.#rejected = text;
      this.#reject(parsed.problems, subject);
      return;
    }
    const { context, taken } = this.#options;
    const plan = makePlan(parsed.value);
    this.#rendered = { ...renderDiversion(text, plan), version: subject.version };
    context.metrics.diversionRead.set(nowMs / 1000);
    const { diversion, hosts, share } = plan;
    context.log.info({ diversion, hosts: hosts.length, share }, 'diversion read');
    taken(this.#rendered);
  }

  #reject(problems: readonly Problem[], subject: Subject): void {
    const { context } = this.#options;
    const others = problems.length - MAX_DESCRIBED;
    const described = problems.slice(0, MAX_DESCRIBED).map(describeProblem);
    if (others > 0) described.push(`and ${others} more`);
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
