import { signAuthenticode } from './authenticode.ts';
import { signBeside, signDeb, signRpm } from './gpg.ts';
import type { SigningSettings } from './settings.ts';

/** Signs files in their place; what there is no key for stays as it is. */
export interface Signer {
  /** An executable for Windows, or an MSI. */
  windows(file: string): Promise<void>;
  deb(file: string): Promise<void>;
  rpm(file: string): Promise<void>;
  /** Resolves with whether there is a signature beside the file now. */
  beside(file: string): Promise<boolean>;
}

/** Without settings nothing is signed. */
export function createSigner({ authenticode, gpg }: SigningSettings = {}): Signer {
  return {
    async windows(file) {
      if (authenticode !== undefined) await signAuthenticode(file, authenticode);
    },
    async deb(file) {
      if (gpg !== undefined) await signDeb(file, gpg);
    },
    async rpm(file) {
      if (gpg !== undefined) await signRpm(file, gpg);
    },
    async beside(file) {
      if (gpg !== undefined) await signBeside(file, gpg);
      return gpg !== undefined;
    },
  };
}
