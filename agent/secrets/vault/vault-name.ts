/** Names that a secret of the vault may have: they also stand in the configuration (`vault:NAME`) and on command lines. */
export const vaultNameWords = 'letters, digits, ".", "_" and "-", at most 64, the first one a letter or a digit';

export function isVaultName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}
