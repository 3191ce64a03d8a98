import type { PsaContext, PushCandidate } from '../../core/eligibility/psa-context.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactId } from '../../core/model/ids.ts';
import type { LinkChange, PushChange } from '../../core/model/plan.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { ApplyState } from './apply-state.ts';

/** What carrying out the PSA's side of a plan works with. */
export interface PsaWork {
  readonly state: ApplyState;
  readonly psa: Psa;
  /** The company's contacts as they were read last. */
  readonly context: PsaContext;
  /** IT Glue contacts with their links, as they were read last. */
  readonly links: ReadonlyMap<ContactId, Contact>;
}

/** Why nothing may go to this company now, whatever the plan says: the settings, or what they mean, changed since (P7, P8). */
export function companyProblem({ psa, context }: PsaWork, companyId: string): string | null {
  const { snapshot, settings } = context;
  if (settings.push !== 'direct') return `psa.push is "${settings.push}" now`;
  if (snapshot.excluded !== null) return snapshot.excluded;
  if (snapshot.company?.id === companyId) return null;
  return `the organization's company in ${psa.displayName} is not the one of the plan any more`;
}

/** The IT Glue contact that is pushed or linked; `null`: it was to be created by this plan and was not. */
export function contactOf(state: ApplyState, change: PushChange | LinkChange): ContactId | null {
  if (change.contactId !== null) return change.contactId;
  return change.user === null ? null : (state.created.get(change.user)?.id ?? null);
}

/** The contact as IT Glue has it now, as a twin is looked for. */
export function candidateOf(contact: Contact, externalKey: string | null): PushCandidate {
  return {
    contactId: contact.id,
    label: contact.name,
    firstName: contact.firstName,
    lastName: contact.lastName,
    title: contact.title,
    emails: contact.emails,
    phones: contact.phones,
    location: null,
    contactTypeName: contact.contactTypeName,
    externalKey,
  };
}
