import { pathText } from './problems.ts';
import { isSecretReference } from './value-types.ts';

/** A setting that refers to a secret. */
export interface SecretUse {
  /** For example `directories[0].password`. */
  readonly setting: string;
  /** For example `vault:corp`. */
  readonly reference: string;
}

/** Every setting of a configuration that refers to a secret, in the order of the file. */
export function secretUses(config: unknown): readonly SecretUse[] {
  const uses: SecretUse[] = [];
  const visit = (value: unknown, path: readonly PropertyKey[]): void => {
    if (typeof value === 'string') {
      if (isSecretReference(value)) uses.push({ setting: pathText(path), reference: value });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        visit(item, [...path, Array.isArray(value) ? Number(key) : key]);
      }
    }
  };
  visit(config, []);
  return uses;
}
