export interface MailAddresses {
  /** The `SMTP:` address (upper case marks the primary one). */
  readonly primary: string | null;
  /** The `smtp:` addresses, in the directory's order. */
  readonly aliases: readonly string[];
}

const none: MailAddresses = { primary: null, aliases: [] };

/** Reads proxyAddresses; other kinds of address (X500:, SIP:, EUM:) are no mail addresses and are left out. */
export function parseProxyAddresses(values: readonly string[]): MailAddresses {
  if (values.length === 0) return none;
  let primary: string | null = null;
  const aliases: string[] = [];
  for (const value of values) {
    if (value.length < 6 || value.slice(0, 5).toLowerCase() !== 'smtp:') continue;
    const address = value.slice(5).trim();
    if (address === '') continue;
    if (primary === null && value.startsWith('SMTP:')) primary = address;
    else aliases.push(address);
  }
  return { primary, aliases };
}
