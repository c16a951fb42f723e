import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

/** The commit that is checked out; nothing where there is no history. */
export interface Source {
  readonly commit: string;
  /** In the form of RFC 3339. */
  readonly date: string;
  /** Whether files differ from the commit. */
  readonly isModified: boolean;
}

export function readSource(): Source | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const [commit = '', seconds = '0'] = git('log', '-1', '--format=%H %ct').split(' ');
    const date = new Date(Number(seconds) * 1000).toISOString();
    return { commit, date, isModified: git('status', '--porcelain') !== '' };
  } catch {
    return undefined;
  }
}
