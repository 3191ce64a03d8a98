import { accountSection } from './account-section.ts';
import { type AssessContext, type AssessInput, makeAssessContext } from './assess-context.ts';
import type { Assessment, Section, Totals } from './assessment.ts';
import { contactSection } from './contact-section.ts';
import { fieldSection } from './field-section.ts';
import { inventories } from './inventories.ts';
import { matchSection } from './match-section.ts';
import { psaSection } from './psa-section.ts';
import { syncSection } from './sync-section.ts';

/**
 * Works out what there is to say about a customer's accounts and contacts before anything is written. Pure, and linear: records are
 * looked up by keys, never compared with each other. Without any account, what compares the two is left out.
 */
export function assess(input: AssessInput): Assessment {
  const context = makeAssessContext(input);
  const hasAccounts = context.accounts.length > 0;
  const sections: readonly Section[] = [
    ...(hasAccounts ? [accountSection(context), matchSection(context)] : []),
    contactSection(context),
    ...(hasAccounts ? [fieldSection(context)] : []),
    ...present(psaSection(context)),
    ...(hasAccounts ? [syncSection(context)] : []),
  ];
  return {
    organization: context.settings.organization,
    madeAt: context.now,
    staleDays: context.staleDays,
    psaName: context.psa?.snapshot.displayName ?? null,
    totals: totalsOf(context),
    sections,
    inventories: inventories(context, sections),
  };
}

function present(section: Section | null): readonly Section[] {
  return section === null ? [] : [section];
}

function totalsOf(context: AssessContext): Totals {
  const { accounts, contacts, psa } = context;
  const people = accounts.filter(({ isActive, isShared }) => isActive && !isShared);
  const psaContacts = psa === null || psa.snapshot.company === null ? null : psa.snapshot.contacts;
  return {
    accounts: accounts.length,
    activeAccounts: accounts.filter(({ isActive }) => isActive).length,
    people: people.length,
    peopleWithContact: people.filter(({ decision }) => decision.match.contactId !== null).length,
    contacts: contacts.length,
    contactsWithAccount: contacts.filter(({ id }) => context.userOf.has(id)).length,
    locations: context.locations.length,
    psaContacts: psaContacts?.length ?? null,
    psaInactive: psaContacts?.filter(({ active }) => !active).length ?? null,
    contactsInPsa: psa === null ? null : contacts.filter((contact) => context.psaLinkOf(contact) !== null).length,
    notSeen: context.notSeen,
  };
}
