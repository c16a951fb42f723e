import type { Plan } from '../../../../webhook/edges/plan.ts';
import { plain } from '../../../conformance/forms.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../../../conformance/request.ts';
import { rowsFor } from '../../../conformance/rows.ts';
import type { Plainly } from '../../../conformance/sni-forms.ts';
import type { Base } from '../../../faults/fault.ts';

/** What came of the requests, one text for each; undefined where the proxy or its control plane refuses the files. */
export type Outcome = readonly string[] | undefined;

/** The real proxy of an edge, which takes one set of files after the other. */
export interface Rig {
  /** Of the files, as in their base. */
  readonly name: string;
  readonly proxy: string;
  /** In the order of the sets. */
  readonly outcomes: (variants: readonly Base['files'][]) => Promise<Outcome[]>;
}

const HOSTS = ['test.wikipedia.org', 'TEST.wikipedia.org:80', 'en.wikipedia.org', 'testxwikipedia.org'];

/** The rows of the conformance table for an edge, save those whose names begin so, and other paths besides. */
export function requestsFor(
  plan: Plan,
  plainly: Plainly,
  { without = [], paths = [] }: { without?: readonly string[]; paths?: readonly Path[] },
): ConformanceRequest[] {
  const rows = plan.hosts.flatMap((host) => rowsFor(plan, host, plainly));
  return [
    ...rows.filter(({ form }) => !without.some((beginning) => form.name.startsWith(beginning))),
    ...paths.flatMap(([method, path]) => HOSTS.map((host) => ({ form: plain('path', host), method, path }))),
  ];
}

export type Path = readonly [method: string, path: string];

/** What of an answer does not hang on chance: connections to production are shared, and keep the SNI of the first. */
export function told({ status, site, sni, authority, path }: ConformanceAnswer): string {
  const isSteady = site === undefined || !/^(?:production|somebody)|^\S+:\d+$/.test(site);
  return JSON.stringify([status, site, isSteady ? sni : undefined, authority, path]);
}

/** Runs each set of files by itself, two at a time; what does not start is refused. */
export async function oneByOne(
  variants: readonly Base['files'][],
  ask: (files: Base['files']) => Promise<ConformanceAnswer[]>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(variants.length);
  const rest = variants.entries();
  const worker = async (): Promise<void> => {
    for (const [index, files] of rest)
      outcomes[index] = await ask(files).then(
        (answers) => answers.map(told),
        () => undefined,
      );
  };
  await Promise.all([worker(), worker()]);
  return outcomes;
}
