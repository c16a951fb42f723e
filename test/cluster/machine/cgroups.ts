import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** Makes the group in every hierarchy: the kubelet wants its own to be there. */
export function makeGroups(name: string): void {
  for (const hierarchy of hierarchies()) {
    const group = path.join(hierarchy, name);
    mkdirSync(group, { recursive: true });
    // In version 1 a set of processors starts empty, and nothing can run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (hierarchy !== ROOT && existsSync(path.join(group, file)))
        writeFileSync(path.join(group, file), readFileSync(path.join(hierarchy, file)));
    }
  }
}

/** Removes the group and all below it; its processes must have ended. */
export function removeGroups(name: string): void {
  for (const hierarchy of hierarchies()) remove(path.join(hierarchy, name));
}

export function areGroups(name: string): boolean {
  return hierarchies().some((hierarchy) => existsSync(path.join(hierarchy, name)));
}

function remove(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) remove(path.join(group, entry.name));
  rmdirSync(group);
}

function hierarchies(): string[] {
  if (existsSync(path.join(ROOT, 'cgroup.controllers'))) return [ROOT];
  return readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(ROOT, entry.name));
}
