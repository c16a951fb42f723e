import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { VERSION } from '../../webhook/core/version.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** Every place that says which version this is. package.json decides; the others follow it. */
export function versions(): Record<string, string> {
  const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
  return {
    'package.json': JSON.parse(read('package.json')).version,
    'package-lock.json': JSON.parse(read('package-lock.json')).version,
    'webhook/core/version.ts': VERSION,
    'appVersion in chart/Chart.yaml': parse(read('chart/Chart.yaml')).appVersion,
  };
}

/** What differs from the version, a line for each. */
export function disagreements(version: string): string[] {
  return Object.entries(versions())
    .filter(([, found]) => found !== version)
    .map(([place, found]) => `${place} says ${found}`);
}
