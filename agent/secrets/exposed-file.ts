import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Says whether every account of this machine can read the file: others may read it, and enter all folders above it. Always false
 * where rights are not told by modes (Windows), and when the file cannot be looked at.
 */
function isExposedFile(path: string, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') {
    return false;
  }
  try {
    if ((statSync(path).mode & 0o004) === 0) {
      return false;
    }
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      if ((statSync(folder).mode & 0o001) === 0) {
        return false;
      }
      if (folder === dirname(folder)) {
        return true;
      }
    }
  } catch {
    return false;
  }
}

/** Sentences about secrets in files that every account of this machine can read. */
export function exposedFileNotices(
  uses: readonly { readonly setting: string; readonly reference: string }[],
  platform: NodeJS.Platform,
): readonly string[] {
  return uses.flatMap(({ setting, reference }) => {
    const path = reference.startsWith('file:') ? reference.slice('file:'.length) : null;
    return path !== null && isExposedFile(path, platform)
      ? [
          `Every account of this machine can read the secret of ${setting}: do "chmod 600 ${path}"${setting.endsWith('keyFile') ? '' : ', or keep it in the vault'}.`,
        ]
      : [];
  });
}
