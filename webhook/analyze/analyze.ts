import { CATALOGUE, type CheckCode } from './catalogue/catalogue.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';
import type { Scene } from './scene.ts';

const ORDER = new Map(Object.keys(CATALOGUE).map((code, index) => [code, index]));

/** Everything that the checks find in a scene, by file and in the order of the catalogue; each thing once. */
export function analyze(scene: Scene): Finding[] {
  const found = examine(scene).map(({ file, path, value, message, code }): Finding => {
    const { severity, remedy } = CATALOGUE[code];
    return { file, path, value, message, code, severity, remedy };
  });
  const unique = new Map(found.map((finding) => [JSON.stringify(finding), finding]));
  return [...unique.values()].sort((a, b) => compare(a.file, b.file) || placeOf(a.code) - placeOf(b.code));
}

function placeOf(code: CheckCode): number {
  return ORDER.get(code) ?? 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
