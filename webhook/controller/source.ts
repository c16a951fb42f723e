import { isObject, type JsonObject } from '../core/json.ts';
import { plan as makePlan } from '../core/plan.ts';
import { DIVERSION_FILE } from '../core/pod-paths.ts';
import { describeProblem, type Problem } from '../core/problem.ts';
import { parseDiversion } from '../spec/parse.ts';
import type { Context } from './context.ts';
import { sendEvent } from './events.ts';
import { type Rendered, renderDiversion } from './rendered.ts';
import { RESOURCES } from './resources.ts';

/** The text of the diversion in the release's ConfigMap. */
export function diversionText(object: JsonObject): string {
  const data = isObject(object['data']) ? object['data'] : {};
  return String(data[DIVERSION_FILE] ?? '');
}

/** Reads each text that it is given, and keeps the last that could be read. */
export class Source {
  readonly #context: Context;
  readonly #place: { readonly namespace: string; readonly name: string };
  #rendered: Rendered | undefined;

  constructor(context: Context, place: { readonly namespace: string; readonly name: string }) {
    this.#context = context;
    this.#place = place;
  }

  get rendered(): Rendered | undefined {
    return this.#rendered;
  }

  /** Takes a new text; gives whether it is in force now and was not before. */
  take(text: string): boolean {
    if (text === this.#rendered?.text) return false;
    const parsed = parseDiversion(text);
    if (!parsed.ok) {
      this.#reject(parsed.problems);
      return false;
    }
    const { log, metrics, nowMs } = this.#context;
    const plan = makePlan(parsed.value);
    this.#rendered = renderDiversion(text, plan);
    metrics.diversionRead.set(nowMs() / 1000);
    log.info({ diversion: plan.diversion, hosts: plan.hosts.length, share: plan.share }, 'diversion read');
    return true;
  }

  #reject(problems: readonly Problem[]): void {
    const { log, metrics } = this.#context;
    const described = problems.map(describeProblem);
    metrics.rejectedDiversions.inc();
    log.error({ problems: described }, 'the diversion cannot be read; the last good one stays in force');
    const { namespace, name } = this.#place;
    const message = `The diversion cannot be read; the last good one stays in force: ${described.join('; ')}`;
    const subject = { resource: RESOURCES.configMap, name, namespace };
    void sendEvent(this.#context, subject, { type: 'Warning', reason: 'DiversionRejected', message });
  }
}
