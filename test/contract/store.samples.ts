import type { Absence } from '../../core/model/absence.ts';
import type { DirectoryEntry } from '../../core/model/directory-user.ts';
import { contactId, organizationId, psaContactId, type RunId, type UserId, userId } from '../../core/model/ids.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { ContactState, SyncedSide, UserState } from '../../core/model/state.ts';
import type { ReadProof } from '../../core/ports/directory-source.ts';
import type { Landing, NewJournalEntry, SourceKey, Store, StoredSighting } from '../../core/ports/store.ts';

export const acme = organizationId('4711');
export const globex = organizationId('9007199254740993');
const family = 'ad:corp.example.test';

/** A user of the sample domain; `title` is what tests change. */
export function sampleEntry(immutableId: string, title: string | null = 'Engineer'): DirectoryEntry {
  return {
    immutableId,
    dn: `CN=User ${immutableId},OU=People,DC=corp,DC=example,DC=test`,
    person: {
      firstName: 'Zoë',
      lastName: 'O\u2019Brien "the 3rd"',
      displayName: `User ${immutableId} \u{1F468}\u200D\u{1F4BB}`,
      title,
      email: `user-${immutableId}@corp.example.test`,
      phone: { raw: '+1 415 555 0100', e164: '+14155550100', extension: null },
      office: 'Head Office',
      department: null,
      company: null,
      aliases: [`alias-${immutableId}@corp.example.test`],
      userPrincipalName: `user-${immutableId}@corp.example.test`,
      samAccountName: `user-${immutableId}`,
      manager: null,
      consistencyGuid: null,
      mailbox: 'user',
    },
    account: {
      disabled: false,
      expires: 'never',
      locked: false,
      mustChangePassword: false,
      passwordLastSet: 1_790_000_000_000,
      passwordExpired: false,
      passwordExpires: 1_799_000_000_000,
      lastLogon: 'never',
      lastLogonAccuracy: 'within 14 days',
    },
  };
}

export function sampleProof(users: number, change: Partial<ReadProof> = {}): ReadProof {
  return {
    complete: true,
    gaps: [],
    users,
    leftOut: { computer: 3 },
    containers: 5,
    server: 'ldaps://dc1.corp.example.test',
    family,
    ownAccountId: null,
    scopeKey: 'scope-1',
    rejected: [],
    ...change,
  };
}

/** What lands with the proof, and nothing more if not given. */
export function sampleLanding(proof: ReadProof, change: Partial<Omit<Landing, 'proof'>> = {}): Landing {
  return { checkpoint: null, absences: new Map(), ...change, proof };
}

export function sampleAbsence(grade: Absence['grade']): Absence {
  return { grade, since: 1_000, fullReads: 2, checkedAt: 2_000, why: `As seen: "${grade}".` };
}

export function sampleUser(immutableId: string): UserId {
  return userId(family, immutableId);
}

export function sampleUserState(immutableId: string, change: Partial<UserState> = {}): UserState {
  return {
    userId: sampleUser(immutableId),
    state: 'matched',
    contactId: contactId('100'),
    rule: 'M1',
    decidedAt: 1_000,
    appliedContactId: null,
    returned: false,
    rejectedContactIds: [contactId('7'), contactId('8')],
    createRequested: false,
    createdContact: true,
    appliedStatus: 'Must change password',
    leaver: { kind: 'disabled', since: 1_700, leftAt: 1_600 },
    ...change,
  };
}

export function sampleContactState(id: string, change: Partial<ContactState> = {}): ContactState {
  return {
    contactId: contactId(id),
    fingerprint: 'first\u0000last\u0000mail',
    pushWant: { rule: 'P4', since: 5 },
    psaLink: null,
    refusedAtUpdate: 'unknown',
    psaInactiveAt: 1_800,
    synced: { psaContactId: psaContactId('9'), itGlue: sampleSide('a'), psa: sampleSide('b') },
    awaitedSince: 1_900,
    ...change,
  };
}

function sampleSide(text: string): SyncedSide {
  const items = [{ key: text, type: null, primary: true }];
  return { firstName: text, lastName: null, title: text, location: '7', emails: items, phones: [] };
}

export function samplePlan(hash: string): Plan {
  return {
    organization: acme,
    madeAt: 10,
    hash,
    changes: [],
    guards: [],
    held: { reason: 'onboarding', hash },
    conflicts: [],
    notices: ['one'],
    observations: { statuses: {}, fingerprints: {}, wants: {} },
  };
}

export function sampleIntent(run: RunId, change: Partial<NewJournalEntry> = {}): NewJournalEntry {
  return {
    run,
    organization: acme,
    changes: ['create:a'],
    operation: 'create-contact',
    user: sampleUser('a'),
    contactId: null,
    record: null,
    request: { firstName: 'Zoë', emails: [{ value: 'zoe@corp.example.test' }] },
    before: null,
    ...change,
  };
}

/** One whole read of everything; returns its id. */
export function readOnce(
  store: Store,
  entries: readonly DirectoryEntry[],
  at: number,
  change: { readonly collector?: string; readonly directory?: string; readonly organization?: typeof acme; readonly family?: string } = {},
): Promise<number> {
  return landOnce(store, entries, at, { source: change, proof: { family: change.family ?? family } });
}

/** One read of any kind, with what lands besides; returns its id. */
export async function landOnce(
  store: Store,
  entries: readonly DirectoryEntry[],
  at: number,
  change: Partial<Omit<Landing, 'proof'>> & { readonly source?: Partial<SourceKey>; readonly proof?: Partial<ReadProof> } = {},
): Promise<number> {
  const { source = {}, proof = {}, ...landing } = change;
  const sink = await store.beginRead({
    organization: source.organization ?? acme,
    collector: source.collector ?? 'hq',
    directory: source.directory ?? 'corp',
    sourceType: 'active-directory',
    at,
  });
  await sink.add(entries);
  const record = await sink.complete(sampleLanding(sampleProof(entries.length, proof), landing), at + 1);
  return record.id;
}

/** All sightings of the organization. */
export async function sightingsOf(store: Store, organization = acme): Promise<readonly StoredSighting[]> {
  const found: StoredSighting[] = [];
  for await (const page of store.sightings(organization)) found.push(...page);
  return found;
}

/** What is stored, in short: user, collector, title, the read that brought it, first seen. */
export async function seen(
  store: Store,
  organization = acme,
): Promise<readonly (readonly [string, string, string | null, number, number])[]> {
  return (await sightingsOf(store, organization)).map(({ userId, collector, entry, read, firstSeenAt }) => [
    userId,
    collector,
    entry.person.title,
    read.id,
    firstSeenAt,
  ]);
}
