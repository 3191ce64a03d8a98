import type { SecretSources } from './resolve-secret.ts';
import { secretVersion } from './secret-version.ts';
import { openVault, type Vault } from './vault/open-vault.ts';

export interface SecretPlaces {
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

export interface MachineSecrets extends SecretSources {
  readonly vault: () => Vault;
  /** Changes when the secret of a reference may have changed (`secretVersion`). */
  version(reference: string): string;
  /**
   * Opens the key of the vault without making the process wait for Windows, so that the next look-up is quick; for threads that
   * must not stand still. What is wrong is told by the look-up.
   */
  unlock(): Promise<void>;
}

/** Where references to secrets are looked up on this machine. The vault is opened when it is first asked for, and once. */
export function createSecretSources({ stateDirectory, environment, platform }: SecretPlaces): MachineSecrets {
  let opened: Vault | null = null;
  const vault = (): Vault => {
    opened ??= openVault({ directory: stateDirectory, platform, environment, now: Date.now });
    return opened;
  };
  return {
    environment,
    vault,
    version: (reference) => secretVersion(reference, vault),
    unlock: () =>
      vault()
        .unlock()
        .catch(() => undefined),
  };
}
