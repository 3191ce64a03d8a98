import { linkedPsaContact } from '../eligibility/decide-push.ts';
import type { PsaContext } from '../eligibility/psa-context.ts';
import { leaverWords } from '../enrich/leaver.ts';
import { ownedElsewhere, psaAdapter } from '../enrich/ownership.ts';
import type { Contact } from '../model/contact.ts';
import type { Conflict, FieldChange, PsaUpdateChange, Settles } from '../model/plan.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { ContactState, SyncedValues } from '../model/state.ts';
import type { Moment } from '../model/time.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import { type SyncedField, syncedFields } from '../two-way/sides.ts';
import type { UserPlan } from './contact-changes.ts';
import type { PlanContext } from './plan-context.ts';
import { type PsaUpdate, psaUpdate } from './psa-changes.ts';
import { twoWaySync } from './two-way.ts';
import type { TwoWay } from './two-way-draft.ts';

/** What the plan does with a contact that is in the PSA already. */
interface UpdateInPsa {
  readonly change: PsaUpdateChange | null;
  readonly conflicts: readonly Conflict[];
  /** What comes from the PSA to IT Glue (P9). */
  readonly filled: Filling | null;
  /** The base of two-way sync as it is to be remembered; `null`: as it was. */
  readonly observed: SyncedValues | null;
}

/** Values that the PSA gives IT Glue: blanks at a first link (P8), changes later (P9). */
export interface Filling {
  readonly contactPatch: ContactPatch;
  readonly contactFields: Readonly<Record<string, FieldChange>>;
  readonly rule: 'P8' | 'P9';
  readonly reason: string;
  readonly blanks: number;
  readonly settles?: Settles;
}

interface Pair {
  readonly contact: Contact;
  readonly userPlan: UserPlan | null;
  /** The contact of the PSA that is linked with it. */
  readonly twin: PsaContact;
}

const nothing: UpdateInPsa = { change: null, conflicts: [], filled: null, observed: null };
/** The name of the PSA's own state in fields and conflicts. */
export const activeField = 'active';

/**
 * Brings a contact and the PSA contact that it is linked with into step: directory values that go nowhere else (E9), leavers (E8), and
 * what was changed on either side (P9).
 */
export function psaUpdateOf(context: PlanContext, psa: PsaContext, contact: Contact, userPlan: UserPlan | null): UpdateInPsa {
  if (context.pushRequest !== null || psa.settings.push === 'off' || psa.snapshot.excluded !== null) return nothing;
  const state = context.contactStatesById.get(contact.id);
  const twin = linkedPsaContact(contact, state, psa);
  if (twin === null) return nothing;

  const pair: Pair = { contact, userPlan, twin };
  const values = valuesForPsa(context, psa, pair);
  const activity = stateInPsa(psa, pair, state?.psaInactiveAt ?? null);
  const both = bothWays(context, psa, { ...pair, state, taken: new Set(Object.keys(values?.fields ?? {}).flatMap(syncedName)) });
  const conflicts = [
    ...(values?.conflicts ?? []),
    ...(activity.conflict === null ? [] : [activity.conflict]),
    ...(both?.conflicts ?? []),
  ].map((conflict) => ({ ...conflict, user: userPlan?.user.id ?? null, contactId: contact.id, with: 'psa' as const }));
  const rest = { conflicts: distinctByField(conflicts), filled: fillingOf(psa, both), observed: both?.observed ?? null };
  const toPsa = both?.toPsa ?? null;
  const fields = { ...toPsa?.fields, ...values?.fields, ...activity.fields };
  if (Object.keys(fields).length === 0) return { change: null, ...rest };

  const goesBack = values !== null && Object.keys(values.fields).length > 0;
  const reasons = [
    goesBack ? `${userPlan?.owned?.why}; the values go to ${psa.snapshot.displayName} and come back from there` : null,
    toPsa === null ? null : `changed in IT Glue: ${Object.keys(toPsa.fields).join(', ')}`,
    activity.why,
  ];
  const change: PsaUpdateChange = {
    id: `psa-update:${contact.id}`,
    kind: 'psa-update',
    system: 'psa',
    user: userPlan?.user.id ?? null,
    label: userPlan?.label ?? contact.name,
    record: twin.id,
    rule: ruleOf(activity.why !== null, goesBack),
    fields,
    reason: reasons.filter((why) => why !== null).join('; '),
    contactId: contact.id,
    psaContactId: twin.id,
    patch: { ...toPsa?.patch, ...values?.patch, ...(activity.why === null ? {} : { active: false }) },
    bases: values?.bases ?? {},
    ...(toPsa === null ? {} : { settles: toPsa.settles, blanks: toPsa.blanks }),
  };
  return { change, ...rest };
}

function ruleOf(isLeaver: boolean, goesBack: boolean): string {
  if (isLeaver) return 'E8';
  return goesBack ? 'E9' : 'P9';
}

/** Fields of conflicts and changes have the configuration's words. */
function syncedName(field: string): readonly SyncedField[] {
  const names: Readonly<Record<string, SyncedField>> = { email: 'emails', phone: 'phones' };
  const name = names[field] ?? field;
  return syncedFields.filter((known) => known === name);
}

function distinctByField(conflicts: readonly Conflict[]): readonly Conflict[] {
  return conflicts.length < 2 ? conflicts : [...new Map(conflicts.map((conflict) => [conflict.field, conflict])).values()];
}

function fillingOf(psa: PsaContext, both: TwoWay | null): Filling | null {
  const toItGlue = both?.toItGlue ?? null;
  if (toItGlue === null) return null;
  const { displayName } = psa.snapshot;
  const won = toItGlue.won.length === 0 ? '' : `; ${toItGlue.won.join(', ')} was changed on both sides: ${displayName} wins`;
  return {
    contactPatch: toItGlue.patch,
    contactFields: toItGlue.fields,
    rule: 'P9',
    reason: `changed in ${displayName}: ${Object.keys(toItGlue.fields).join(', ')}${won}`,
    blanks: toItGlue.blanks,
    settles: toItGlue.settles,
  };
}

/** P9, as far as owners and settings let it. */
function bothWays(
  context: PlanContext,
  psa: PsaContext,
  what: Pair & { readonly state: ContactState | undefined; readonly taken: ReadonlySet<SyncedField> },
): TwoWay | null {
  const { contact, userPlan, twin, state, taken } = what;
  // IT Glue brings both sides into step by itself (P10).
  if (psa.settings.push !== 'direct') return null;
  // A create whose second call is still to come may have no title in the PSA yet.
  const isHalf = state?.psaLink != null && state.psaLink.psaContactId === twin.id && !state.psaLink.complete;
  if (!twin.active || twin.companyId !== psa.snapshot.company?.id || isSwitchedOff(contact, psa)) return null;
  const adapter = psaAdapter(contact.adapters, psa.snapshot.adapterNames);
  const pulled = adapter !== null || (contact.psaIntegration === 'enabled' && contact.adapters.length === 0);
  // Where IT Glue pulls by itself, what it shows may be older than what the PSA has by now.
  const isNewer = (contact.updatedAt ?? 0) > (twin.modifiedAt ?? Number.POSITIVE_INFINITY);
  return twoWaySync({
    contact,
    ours: { ...contact, ...userPlan?.update?.patch },
    twin,
    base: state?.synced ?? null,
    psa,
    locations: context.locations,
    writes: { itGlue: ownedElsewhere(contact, state) === null, psa: !pulled || isNewer },
    twoWay: psa.settings.twoWay,
    pulled,
    taken: isHalf ? new Set([...taken, 'title'] as const) : taken,
  });
}

/** E9: directory values of a contact that others own go to the PSA, when two-way is on. */
function valuesForPsa(context: PlanContext, psa: PsaContext, { contact, userPlan, twin }: Pair): PsaUpdate | null {
  if (userPlan === null || userPlan.owned === null || userPlan.user.presence !== 'present' || !psa.settings.twoWay) return null;
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
  if (adapter === null) return contact.adapters.length === 0 && contact.psaIntegration === 'orphaned';
  return !adapter.sync || adapter.orphaned;
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
  if (userPlan === null) return asItIs;
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
