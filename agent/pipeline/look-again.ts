import { externalKeysOf, makePsaContext } from '../../core/eligibility/psa-context.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactId } from '../../core/model/ids.ts';
import type { PushChange } from '../../core/model/plan.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { Moment } from '../../core/model/time.ts';
import type { PsaChange } from '../../core/plan/push-changes.ts';
import type { PsaContactSearch } from '../../core/ports/psa.ts';
import { forEachLimited } from './apply-report.ts';
import { linksWith } from './psa-links.ts';
import { candidateOf, contactOf, type PsaWork } from './psa-work.ts';

/** Changes are asked for from this long before the last that was seen: a PSA may show a change later than it dates it. */
const overlapMs = 5 * 60_000;
/** And no more than so many that are known already, most of which were created just now: else a fast push would read itself over and over. */
const mostAgain = 200;
/** The PSA's clock may be ahead of this machine's. */
const mostAheadMs = 15 * 60_000;

/** Looks once more at both sides, right before these changes are carried out: at links in IT Glue (P10), and for twins in the PSA (P8). */
export async function lookAgain(work: PsaWork, changes: readonly PsaChange[]): Promise<PsaWork> {
  const { state } = work;
  const ids = changes.flatMap((change) => (change.kind === 'push' || change.kind === 'link' ? (contactOf(state, change) ?? []) : []));
  const read = ids.length === 0 ? [] : await state.run.documentation.listContactsById(state.run.organization, ids);
  const links = new Map(read.map((contact) => [contact.id, contact]));
  const { snapshot, settings } = work.context;
  const creates = changes.filter((change) => change.kind === 'push').filter((change) => change.turn !== 'wait');
  const contacts = creates.length === 0 ? snapshot.contacts : await lookInPsa(work, { creates, links });
  const fresh = { ...snapshot, contacts, linkedTo: linksWith(snapshot.linkedTo, state.contactStates()) };
  return { ...work, links, context: makePsaContext(fresh, settings) };
}

interface Sought {
  readonly creates: readonly PushChange[];
  readonly links: ReadonlyMap<ContactId, Contact>;
}

/**
 * The company's contacts as they are now. Of a whole list only what changed since is read, so that many creates do not read it again and
 * again; where only a part of the company was read, each contact is looked for.
 */
async function lookInPsa(work: PsaWork, sought: Sought): Promise<readonly PsaContact[]> {
  const { psa, context } = work;
  const { company, contacts, partial } = context.snapshot;
  if (company === null) return contacts;
  if (partial) return withContacts(contacts, await findEach(work, company.id, sought));
  const since = seenUpTo(contacts, work.state.run.now());
  const changed = since === null ? null : await psa.listChangedContacts(company.id, since);
  return changed === null ? psa.listContacts(company.id) : withContacts(contacts, changed);
}

/** By the PSA's own clock; `null`: its contacts carry no dates. One in the future tells nothing, and would hide all that comes before. */
function seenUpTo(contacts: readonly PsaContact[], now: Moment): Moment | null {
  const told = contacts.flatMap(({ modifiedAt }) => modifiedAt ?? []).filter((moment) => moment <= now + mostAheadMs);
  const dates = told.sort((one, other) => other - one);
  const [newest] = dates;
  return newest === undefined ? null : Math.max(newest - overlapMs, dates[mostAgain] ?? 0);
}

function withContacts(known: readonly PsaContact[], read: readonly PsaContact[]): readonly PsaContact[] {
  if (read.length === 0) return known;
  const byId = new Map(known.map((contact) => [contact.id, contact]));
  for (const contact of read) byId.set(contact.id, contact);
  return [...byId.values()];
}

async function findEach({ state, psa }: PsaWork, companyId: string, { creates, links }: Sought): Promise<readonly PsaContact[]> {
  const found: PsaContact[] = [];
  await forEachLimited(creates, psa.writesAtOnce, state.run.signal, async (change) => {
    const id = contactOf(state, change);
    const contact = id === null ? undefined : links.get(id);
    if (contact === undefined) return;
    const candidate = candidateOf(contact, change.input.externalKey);
    found.push(...(await psa.findContacts(companyId, searchFor(candidate, psa.hasExternalKey))));
  });
  return found;
}

/** How a contact is looked for before it is created, and after its create was cut off (P8, A2). */
export function searchFor(
  candidate: Parameters<typeof externalKeysOf>[0] & {
    readonly firstName: string | null;
    readonly lastName: string | null;
    readonly emails: readonly { readonly value: string }[];
  },
  hasExternalKey: boolean,
): PsaContactSearch {
  return {
    ...(hasExternalKey ? { externalKeys: externalKeysOf(candidate) } : {}),
    emails: candidate.emails.map(({ value }) => value),
    firstName: candidate.firstName,
    lastName: candidate.lastName,
  };
}
