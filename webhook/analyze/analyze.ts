import { CHECKS } from './checks.ts';
import type { Finding } from './finding.ts';
import type { Scene } from './scene.ts';

/** Everything that the checks find in a scene, by file; each thing once. */
export function analyze(scene: Scene): Finding[] {
  const found = CHECKS.flatMap(({ code, severity, remedy, run }) =>
    run(scene).map((flaw): Finding => ({ ...flaw, code, severity, remedy })),
  );
  const unique = new Map(found.map((finding) => [JSON.stringify(finding), finding]));
  return [...unique.values()].sort((a, b) => compare(a.file, b.file));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
