import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** A package as package-lock.json has it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-…`, of its tarball. */
  readonly integrity: string | null;
  readonly license: string | null;
}

/** Packages by their place, `node_modules/pg` and its like. */
export async function readLockFile(): Promise<ReadonlyMap<string, LockedPackage>> {
  const lock = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string; readonly license?: string }>>;
  };
  return new Map(
    Object.entries(lock.packages)
      .filter(([place]) => place !== '')
      .map(([place, { version = '', integrity = null, license = null }]) => {
        const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
        return [place, { name, version, integrity, license }];
      }),
  );
}
