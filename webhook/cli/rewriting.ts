import path from 'node:path';
import type { FileCapture } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import { describeProblem } from '../core/problem.ts';
import type { AuthoritiesFrom } from '../edges/envoy/target-authorities.ts';
import { divertText } from '../edges/envoy/text.ts';
import type { Plan } from '../edges/plan.ts';
import { type RaisedPool, raisePool } from '../inject/caller-pool.ts';
import { blankComments } from '../inject/comments.ts';
import { findOutside, findUnlisted } from '../inject/left-outside.ts';
import { findLeftovers, originsOf, replaceOrigins } from '../inject/origins.ts';
import type { CopiedFile } from './folder.ts';
import { decodeUtf8 } from './utf8.ts';

/** Takes one line of the step's log: about which file, with its line where there is one, and what. */
export type Say = (place: string, message: string) => void;

const MAX_SHOWN = 10;

const SHARED_POOL =
  "all hosts share the app's connections to the sidecar, so slow calls for one host may keep the others waiting";

/** Applies one capture to the files of its folder, and says what it did or looked for. */
export class Rewriting {
  readonly #say: Say;
  readonly #plan: Plan;
  readonly #workload: PlannedWorkload;
  readonly #authorities: AuthoritiesFrom;

  constructor(say: Say, plan: Plan, workload: PlannedWorkload, authorities: AuthoritiesFrom) {
    this.#say = say;
    this.#authorities = authorities;
    this.#plan = plan;
    this.#workload = workload;
  }

  /** Undefined when a captured file is missing, or holds nothing to capture. */
  rewrite(folder: string, capture: FileCapture, files: readonly CopiedFile[]): CopiedFile[] | undefined {
    const results = new Map<string, Buffer | undefined>();
    for (const name of capture.files) {
      const file = files.find((candidate) => candidate.name === name);
      const place = path.join(folder, name);
      if (!file)
        this.#say(place, `is not there; found ${files.map((other) => other.name).join(', ') || 'no files'}`);
      results.set(name, file && this.#rewriteFile(place, capture, file.content));
    }
    if ([...results.values()].includes(undefined)) return undefined;
    return files.map((file) => ({ ...file, content: results.get(file.name) ?? file.content }));
  }

  #rewriteFile(place: string, capture: FileCapture, content: Buffer): Buffer | undefined {
    if (capture.kind === 'envoy') return this.#divertEnvoy(place, content);
    const { listeners } = this.#workload;
    // Latin-1 maps each byte to one character and back, so bytes that are not valid UTF-8 survive.
    const { text, count } = replaceOrigins(content.toString('latin1'), listeners);
    const inComments =
      count - replaceOrigins(blankComments(place, content.toString('latin1')), listeners).count;
    if (count === inComments) {
      const looked = originsOf(listeners).join(', ');
      const where = count > 0 ? ' outside of comments' : '';
      this.#say(place, `holds none of ${looked}${where}; the app would bypass the sidecar`);
      return undefined;
    }
    // Before anything is inserted, so that lines are those of the file that people know.
    const withoutComments = blankComments(place, text);
    for (const { line, address } of findLeftovers(withoutComments, listeners)) {
      this.#say(`${place}:${line}`, `still names ${address}, in a form that is not captured`);
    }
    if (!this.#sayWhatStays(place, withoutComments)) return undefined;
    const raised = this.#raisePool(place, content);
    this.#say(place, `origins that are routed to the sidecar now: ${count - inComments}`);
    return Buffer.from(raised ? replaceOrigins(raised, listeners).text : text, raised ? 'utf8' : 'latin1');
  }

  /** False where the workload declares that its pods must not start with such a file. */
  #sayWhatStays(place: string, text: string): boolean {
    const { name, unlisted } = this.#workload;
    const found = findUnlisted(text, this.#workload, this.#plan.upstreams);
    for (const { line, origin, upstream } of found) {
      const bypass = `workload ${name} does not list that upstream, so calls there bypass the diversion`;
      this.#say(
        `${place}:${line}`,
        `${unlisted === 'warn' ? 'warning: ' : ''}names ${origin} of ${upstream}; ${bypass}`,
      );
    }
    const outside = [...findOutside(text, this.#plan.upstreams)];
    if (outside.length > 0) {
      const shown = outside.slice(0, MAX_SHOWN).map(([origin, count]) => `${origin} (${count})`);
      const more = outside.length > MAX_SHOWN ? ` and ${outside.length - MAX_SHOWN} more` : '';
      this.#say(
        place,
        `left as they are, since they belong to no declared upstream: ${shown.join(', ')}${more}`,
      );
    }
    return found.length === 0 || unlisted === 'warn';
  }

  /** A limit that is not raised costs time and sends no call elsewhere, so the pod starts all the same. */
  #raisePool(place: string, content: Buffer): string | undefined {
    const { listeners, pool } = this.#workload;
    if (!pool) {
      this.#say(place, `the workload declares no pool: ${SHARED_POOL}`);
      return undefined;
    }
    const decoded = decodeUtf8(content);
    const raised: RaisedPool = decoded.ok
      ? raisePool(decoded.value, listeners, pool)
      : { ok: false, message: 'it cannot be read as UTF-8' };
    if (raised.ok) {
      this.#say(place, `${pool.key} is ${pool.atLeast} or more, in ${raised.count} places`);
      return raised.text;
    }
    const at = raised.line === undefined ? place : `${place}:${raised.line}`;
    this.#say(at, `warning: ${pool.key} is not raised, because ${raised.message}: ${SHARED_POOL}`);
    return undefined;
  }

  #divertEnvoy(place: string, content: Buffer): Buffer | undefined {
    const decoded = decodeUtf8(content);
    const diverted = decoded.ok ? divertText(decoded.value, this.#plan, this.#authorities) : decoded;
    if (!diverted.ok) {
      for (const problem of diverted.problems)
        this.#say(problem.line === undefined ? place : `${place}:${problem.line}`, describeProblem(problem));
      return undefined;
    }
    const { report, text } = diverted.value;
    for (const unsupported of report.unsupported)
      this.#say(place, `${unsupported.path}: cannot be diverted by host: ${unsupported.reason}`);
    if (report.diverted === 0) {
      const endpoints = this.#workload.upstreams.flatMap(({ addresses, port }) =>
        addresses.map((address) => `${address}:${port}`),
      );
      this.#say(
        place,
        `no cluster has the endpoint ${endpoints.join(' or ')}; the app would bypass the diversion`,
      );
      return undefined;
    }
    if (report.unsupported.some(({ bypass }) => bypass)) return undefined;
    this.#say(place, `routes that are diverted now: ${report.diverted}`);
    return Buffer.from(text, 'utf8');
  }
}
