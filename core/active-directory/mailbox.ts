import type { Mailbox } from '../model/directory-user.ts';

/** Values of msExchRecipientTypeDetails, on-premises and remote (Exchange Online) forms; each is one bit of a 64-bit number. */
const kinds: ReadonlyMap<string, NonNullable<Mailbox>> = new Map([
  ['1', 'user'],
  // linked: the account that signs in lives in another forest
  ['2', 'user'],
  ['4', 'shared'],
  // legacy: Exchange 2003
  ['8', 'user'],
  ['16', 'room'],
  ['32', 'equipment'],
  // system attendant, system, arbitration, mailbox plan, discovery
  ['8192', 'system'],
  ['16384', 'system'],
  ['8388608', 'system'],
  ['16777216', 'system'],
  ['536870912', 'system'],
  // the remote forms: user, room, equipment, shared
  ['2147483648', 'user'],
  ['8589934592', 'room'],
  ['17179869184', 'equipment'],
  ['34359738368', 'shared'],
  // public folder, site (team) and remote site, monitoring
  ['68719476736', 'system'],
  ['137438953472', 'shared'],
  ['274877906944', 'shared'],
  ['549755813888', 'system'],
  // group and remote group
  ['1099511627776', 'shared'],
  ['8796093022208', 'shared'],
  // linked room, audit log, scheduling
  ['2199023255552', 'room'],
  ['4398046511104', 'system'],
  ['17592186044416', 'system'],
]);

/** Tells what kind of mailbox an account has; `null` when the directory does not say, `other` for a value that is no mailbox. */
export function mailboxKind(recipientTypeDetails: string | null): Mailbox {
  if (recipientTypeDetails === null || recipientTypeDetails === '0') return null;
  return kinds.get(recipientTypeDetails) ?? 'other';
}
