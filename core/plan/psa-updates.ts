import { linkedPsaContact } from '../eligibility/decide-push.ts';
import type { PsaContext } from '../eligibility/psa-context.ts';
import { leaverWords } from '../enrich/leaver.ts';
import { psaAdapter } from '../enrich/ownership.ts';
import type { Contact } from '../model/contact.ts';
import type { Conflict, FieldChange, PsaUpdateChange } from '../model/plan.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { Moment } from '../model/time.ts';
import type { UserPlan } from './contact-changes.ts';
import type { PlanContext } from './plan-context.ts';
import { type PsaUpdate, psaUpdate } from './psa-changes.ts';

/** What the plan does with a contact that is in the PSA already. */
interface UpdateInPsa {
  readonly change: PsaUpdateChange | null;
  readonly conflicts: readonly Conflict[];
}

interface Pair {
  readonly contact: Contact;
  readonly userPlan: UserPlan;
  /** The contact of the PSA that is linked with it. */
  readonly twin: PsaContact;
}

const nothing: UpdateInPsa = { change: null, conflicts: [] };
/** The name of the PSA's own state in fields and conflicts. */
export const activeField = 'active';

/** Updates the PSA contact that a contact is linked with: directory values that go nowhere else (E9), and leavers (E8). */
export function psaUpdateOf(context: PlanContext, psa: PsaContext, contact: Contact, userPlan: UserPlan | null): UpdateInPsa {
  if (context.pushRequest !== null || userPlan === null) return nothing;
  const state = context.contactStatesById.get(contact.id);
  // Most contacts are neither others' nor a leaver's.
  if (userPlan.owned === null && userPlan.leaver === null && (state?.psaInactiveAt ?? null) === null) return nothing;
  if (psa.settings.push === 'off' || psa.snapshot.excluded !== null) return nothing;
  const twin = linkedPsaContact(contact, state, psa);
  if (twin === null) return nothing;

  const pair: Pair = { contact, userPlan, twin };
  const values = valuesForPsa(context, psa, pair);
  const activity = stateInPsa(psa, pair, state?.psaInactiveAt ?? null);
  const conflicts = [...(values?.conflicts ?? []), ...(activity.conflict === null ? [] : [activity.conflict])].map((conflict) => ({
    ...conflict,
    user: userPlan.user.id,
    contactId: contact.id,
    with: 'psa' as const,
  }));
  const fields = { ...values?.fields, ...activity.fields };
  if (Object.keys(fields).length === 0) return { change: null, conflicts };

  const comeBack = `${userPlan.owned?.why}; the values go to ${psa.snapshot.displayName} and come back from there`;
  const goesBack = values !== null && Object.keys(values.fields).length > 0;
  const change: PsaUpdateChange = {
    id: `psa-update:${contact.id}`,
    kind: 'psa-update',
    system: 'psa',
    user: userPlan.user.id,
    label: userPlan.label,
    record: twin.id,
    rule: activity.why === null ? 'E9' : 'E8',
    fields,
    reason: [goesBack ? comeBack : null, activity.why].filter((why) => why !== null).join('; '),
    contactId: contact.id,
    psaContactId: twin.id,
    patch: { ...values?.patch, ...(activity.why === null ? {} : { active: false }) },
    bases: values?.bases ?? {},
  };
  return { change, conflicts };
}

/** E9: directory values of a contact that others own go to the PSA, when two-way is on. */
function valuesForPsa(context: PlanContext, psa: PsaContext, { contact, userPlan, twin }: Pair): PsaUpdate | null {
  if (userPlan.owned === null || userPlan.user.presence !== 'present' || !psa.settings.twoWay) return null;
  if (isSwitchedOff(contact, psa) || !twin.active) return null;
  return psaUpdate(userPlan.wanted, twin, {
    bases: context.basesOf(userPlan.user.id, contact.id),
    policies: context.settings.contacts.fields,
    emailType: psa.emailType(psa.settings.emailType),
    phoneType: psa.phoneType(psa.settings.phoneType),
  });
}

/** P9: where the link is orphaned or its sync switched off, neither side is written. */
function isSwitchedOff(contact: Contact, psa: PsaContext): boolean {
  const adapter = psaAdapter(contact.adapters, psa.snapshot.adapterNames);
  return adapter !== null && (!adapter.sync || adapter.orphaned);
}

interface StateInPsa {
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly conflict: Pick<Conflict, 'field' | 'ours' | 'theirs'> | null;
  /** Why it is made inactive; `null`: it is not. */
  readonly why: string | null;
}

const asItIs: StateInPsa = { fields: {}, conflict: null, why: null };

/**
 * E8: the contact of a leaver becomes inactive, once in each leaving, so that a person who takes it back keeps it. Nothing is made
 * active by itself: a user who came back is shown.
 */
function stateInPsa(psa: PsaContext, { contact, userPlan, twin }: Pair, doneAt: Moment | null): StateInPsa {
  const { leaver, user } = userPlan;
  if (leaver === null || !leaver.acts || !leaver.rule.psaInactive) {
    const isBack = leaver === null && user.presence === 'present' && doneAt !== null && !twin.active;
    return isBack ? { ...asItIs, conflict: { field: activeField, ours: 'active', theirs: 'inactive' } } : asItIs;
  }
  if (!twin.active) return asItIs;
  const isTakenBack = doneAt !== null && doneAt >= leaver.leftAt;
  const isOthers = psa.snapshot.linkedTo.get(twin.id) !== contact.id;
  if (isTakenBack || isOthers || isSwitchedOff(contact, psa)) {
    return { ...asItIs, conflict: { field: activeField, ours: 'inactive', theirs: 'active' } };
  }
  return { fields: { [activeField]: { from: 'active', to: 'inactive' } }, conflict: null, why: leaverWords(leaver) };
}
