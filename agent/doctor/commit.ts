import { readFile } from 'node:fs/promises';

/** The commit of a checkout in short; `null` where there is none, as in a package. */
export async function commitOf(folder: URL): Promise<string | null> {
  try {
    const head = (await readFile(new URL('.git/HEAD', folder), 'utf8')).trim();
    const reference = /^ref: (.+)$/u.exec(head)?.[1];
    const commit = reference === undefined ? head : await resolved(folder, reference);
    return /^[0-9a-f]{40,64}$/u.test(commit) ? commit.slice(0, 10) : null;
  } catch {
    return null;
  }
}

async function resolved(folder: URL, reference: string): Promise<string> {
  try {
    return (await readFile(new URL(`.git/${reference}`, folder), 'utf8')).trim();
  } catch {
    const packed = await readFile(new URL('.git/packed-refs', folder), 'utf8');
    return (
      packed
        .split('\n')
        .find((line) => line.endsWith(` ${reference}`))
        ?.split(' ')[0] ?? ''
    );
  }
}
