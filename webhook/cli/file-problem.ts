import type { Problem } from '../core/problem.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  ENOTDIR: 'lies under a file',
  EEXIST: 'is not a folder',
  ENOSPC: 'does not fit on the disk',
  EDQUOT: 'does not fit into the quota',
  EROFS: 'lies on a read-only file system',
  ELOOP: 'is a symbolic link to itself',
  ENAMETOOLONG: 'has a name that is too long',
  ENXIO: 'is a device or a socket',
};
const FORBIDDEN = ['EACCES', 'EPERM'];

/** A failed file operation as a problem; `action` is what was to be done with the file. */
export function fileProblem(error: unknown, action: 'read' | 'written' = 'read'): Problem {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException;
  const forbidden = FORBIDDEN.includes(code) ? `may not be ${action}` : undefined;
  return {
    code: 'file',
    path: '',
    value: undefined,
    message: REASONS[code] ?? forbidden ?? `cannot be ${action}: ${message}`,
    remedy: code === 'ENOENT' ? 'check the name' : 'check the path and its permissions',
  };
}
