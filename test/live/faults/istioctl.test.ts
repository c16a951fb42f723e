import { describe, expect, it } from 'vitest';
import { readSubjects } from '../../../webhook/analyze/read/read.ts';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { type Subjected, subjected } from '../../faults/bases.ts';
import { type Base, faultsOf } from '../../faults/fault.ts';
import { judgeAll, scoreTable } from '../../faults/score.ts';
import { analyze } from '../istio/analyze.ts';

const WITHIN_MS = 1_800_000;
const AT_ONCE = 2;
const EDGES = [
  'ingress, Istio',
  'ingress, Gateway API',
  'ingress-all, istio',
  'ingress-all, gateway-api',
  'knative',
];
const KINDS_OF_MESH: Readonly<Record<string, string>> = {
  ServiceEntry: 'networking.istio.io/v1beta1',
  VirtualService: 'networking.istio.io/v1beta1',
  DestinationRule: 'networking.istio.io/v1beta1',
};

/** The objects of some files that Istio knows; undefined where a file cannot even be read. */
function objectsIn({ files }: Pick<Base, 'files'>): JsonObject[] | undefined {
  const objects: JsonObject[] = [];
  for (const [name, text] of Object.entries(files)) {
    const read = readSubjects(name, text);
    if (!read.ok) return undefined;
    for (const subject of read.value) if (subject.kind === 'object') objects.push(subject.object);
  }
  return objects.flatMap((object) => {
    const apiVersion = object['apiVersion'] ?? KINDS_OF_MESH[String(object['kind'])];
    return apiVersion === undefined ? [] : [{ apiVersion, ...object }];
  });
}

async function messagesFor(files: Pick<Base, 'files'>): Promise<string[]> {
  const objects = objectsIn(files);
  if (!objects) return ['unreadable'];
  const messages = await analyze(objects).catch((error: unknown) => [
    { level: 'Error', code: String(error) },
  ]);
  return messages.map(({ level, code }) => `${level} ${code}`).sort();
}

/** Which of the faults istioctl says anything about that it does not say about the files as they should be. */
async function caughtByIstio({ base, mutators }: Subjected): Promise<boolean[]> {
  const before = await messagesFor(base);
  const faults = faultsOf(base, mutators);
  const caught: boolean[] = [];
  const rest = faults.entries();
  const worker = async (): Promise<void> => {
    for (const [index, fault] of rest) {
      const after = await messagesFor(fault);
      caught[index] = after.some((message) => !before.includes(message)) || after.length > before.length;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return caught;
}

describe('the same faults of Istio and the Gateway API', () => {
  it(
    "are caught by shunt analyze, and fewer of them by istioctl's own analysis",
    async () => {
      const bases = subjected().filter(({ base }) => EDGES.includes(base.edge));
      const judged = judgeAll(bases);
      const byIstio = (await Promise.all(bases.map(caughtByIstio))).flat();
      expect(byIstio).toHaveLength(judged.length);
      const caught = new Set(judged.filter((_, index) => byIstio[index]));
      console.log(`caught by istioctl analyze\n${scoreTable(judged, (fault) => caught.has(fault))}`);
      console.log(`caught by shunt analyze\n${scoreTable(judged, ({ codes }) => codes.length > 0)}`);
      const ours = judged.filter(({ codes }) => codes.length > 0).length;
      expect(ours).toBeGreaterThanOrEqual(caught.size);
      const onlyByIstio = judged.filter((fault) => caught.has(fault) && fault.codes.length === 0);
      expect(onlyByIstio.map(({ fault }) => fault.fault)).toEqual([]);
    },
    WITHIN_MS,
  );
});
