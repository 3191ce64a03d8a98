import type { SecretSources } from './resolve-secret.ts';
import { openVault, type Vault } from './vault/open-vault.ts';

export interface SecretPlaces {
  readonly stateDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** Where references to secrets are looked up on this machine. The vault is opened when it is first asked for, and once. */
export function createSecretSources({ stateDirectory, environment, platform }: SecretPlaces): SecretSources {
  let vault: Vault | null = null;
  return {
    environment,
    vault: () => {
      vault ??= openVault({ directory: stateDirectory, platform, environment, now: Date.now });
      return vault;
    },
  };
}
