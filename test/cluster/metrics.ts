import type { Release } from './release.ts';

/** The sum of a metric over all replicas, of the series whose labels hold that text. */
export async function metric(release: Release, name: string, labels = ''): Promise<number> {
  const texts = await Promise.all(
    [...release.replicas].map(async ({ healthPort }) =>
      (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text(),
    ),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(name) && /[{ ]/.test(line[name.length] ?? '') && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
