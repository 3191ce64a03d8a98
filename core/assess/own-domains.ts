import { emailKey } from '../normalize/email.ts';
import type { Account } from './assess-context.ts';

/** A domain counts as the company's own when this share of the accounts with mail uses it, and at least two do. */
const ownShare = 0.05;
const fewest = 2;
/** With fewer accounts than this, one is enough. */
const tiny = 4;

/** The mail domains of the company: those that its accounts use. A few private addresses do not make theirs one. */
export function ownDomains(accounts: readonly Account[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  let withMail = 0;
  for (const { user } of accounts) {
    const domain = domainOf(user.person.email);
    if (domain === null) continue;
    withMail += 1;
    counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  const least = withMail < tiny ? 1 : Math.max(fewest, withMail * ownShare);
  return new Set([...counts].flatMap(([domain, count]) => (count >= least ? [domain] : [])));
}

export function domainOf(email: string | null): string | null {
  const key = emailKey(email);
  return key === null ? null : key.slice(key.lastIndexOf('@') + 1);
}
