import * as fs from 'node:fs';

/** Hard links are refused across devices, by some file systems, and by Linux for files of others. */
export function tryLink(from: string, to: string): 'linked' | 'missing' | 'exists' | 'refused' {
  try {
    fs.linkSync(from, to);
    return 'linked';
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
        return 'missing';
      case 'EEXIST':
        return 'exists';
      case 'EXDEV':
      case 'EPERM':
      case 'EACCES':
      case 'ENOTSUP':
      case 'EOPNOTSUPP':
      case 'ENOSYS':
      case 'EMLINK':
        return 'refused';
      default:
        throw error;
    }
  }
}

export function isSameFile(a: fs.BigIntStats, b: fs.BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
