import type { TypeChoice } from '../enrich/contact-type.ts';
import { type EnrichInput, type Enrichment, enrichContact } from '../enrich/enrich-contact.ts';
import type { FieldNote } from '../enrich/enrichment-draft.ts';
import { type Leaver, leaverKindOf, leaverOf, sightLeaver } from '../enrich/leaver.ts';
import { type NewContact, newContact } from '../enrich/new-contact.ts';
import { type Ownership, ownedElsewhere } from '../enrich/ownership.ts';
import { type WantedContact, wantedContact } from '../enrich/wanted-contact.ts';
import type { MatchOutcome, MatchResult } from '../match/match-outcome.ts';
import type { Contact } from '../model/contact.ts';
import type { AdStatus, DirectoryUser } from '../model/directory-user.ts';
import type { CreateChange, MatchChange, UpdateChange } from '../model/plan.ts';
import type { FieldBase, LeaverSince, PushWant } from '../model/state.ts';
import { judgeCreate } from './create-rule.ts';
import type { CreateVerdict } from './decision.ts';
import { fittedForPush, ownedUntilLinked, placeholderForNew, pushedTwice } from './it-glue-push.ts';
import { labelOf, type PlanContext } from './plan-context.ts';

/** What the plan does with one user's contact in IT Glue. */
export interface UserPlan {
  readonly user: DirectoryUser;
  readonly status: AdStatus;
  readonly label: string;
  readonly outcome: MatchOutcome;
  /** The matched contact as it was read; `null` when unmatched, or when it could not be read. */
  readonly contact: Contact | null;
  readonly wanted: WantedContact;
  /** What the rules say of the contact's type, and which one (E8, E10). */
  readonly choice: TypeChoice;
  /** The user left: how, and whether the setting for it acts (E8). */
  readonly leaver: Leaver | null;
  /** What is to be remembered of that. */
  readonly leaverSince: LeaverSince | null;
  readonly enrichment: Enrichment | null;
  readonly owned: Ownership | null;
  readonly verdict: CreateVerdict | null;
  readonly match: MatchChange | null;
  readonly create: CreateChange | null;
  readonly update: UpdateChange | null;
  /** P3: being matched or created anew asks for the push. */
  readonly want: PushWant | null;
}

/** Matches, creates and updates of IT Glue contacts, user by user (M, E). */
export function contactChanges(context: PlanContext, matched: MatchResult): readonly UserPlan[] {
  // There is one outcome for each user, and both are in the order of user id.
  return matched.outcomes.flatMap((outcome, position) => {
    const user = context.users[position];
    return user?.id === outcome.userId ? [planUser(context, user, outcome)] : [];
  });
}

function planUser(context: PlanContext, user: DirectoryUser, outcome: MatchOutcome): UserPlan {
  const status = context.statusOf(user);
  const kind = leaverKindOf(user, status);
  const leaverSince = sightLeaver(kind, context.userStatesById.get(user.id)?.leaver ?? null, context.now);
  const leaver = leaverOf(kind, leaverSince, { rules: context.settings.contacts.leavers, now: context.now });
  const choice = context.typeRules.choose(user, status, leaver);
  const wanted = wantedContact(user, { settings: context.settings, locations: context.locationIndex }, choice);
  const base = { user, status, label: labelOf(user), outcome, wanted, choice, leaver, leaverSince };
  return outcome.state === 'matched' ? planMatched(context, base) : planUnmatched(context, base);
}

type Beginning = Pick<UserPlan, 'user' | 'status' | 'label' | 'outcome' | 'wanted' | 'choice' | 'leaver' | 'leaverSince'>;

function planMatched(context: PlanContext, base: Beginning): UserPlan {
  const { user, outcome } = base;
  const contact = outcome.contactId === null ? null : (context.contactsById.get(outcome.contactId) ?? null);
  const want: PushWant | null = outcome.isNew && pushesMatches(context) ? { rule: 'P3', since: context.now } : null;
  const match = outcome.isNew ? matchChange(context, base, want) : null;
  if (contact === null) {
    return { ...base, contact: null, enrichment: null, owned: null, verdict: null, match, create: null, update: null, want };
  }
  const bases = context.basesOf(user.id, contact.id);
  const isAway = user.presence === 'gone' || user.presence === 'missing';
  const question: EnrichInput = {
    wanted: base.wanted,
    contact,
    bases,
    onlyType: isAway,
    typeByRule: !base.choice.byDefault,
    cameBack: cameBack(context, base, { contact, typeBase: bases.contactType }),
    policies: context.settings.contacts.fields,
    forcePhonePrimary:
      context.settings.psa.setPhonePrimary && context.settings.psa.phoneType !== '' && context.settings.psa.type !== 'none',
    blankPhone: context.settings.psa.blankPhone,
  };
  const plain = enrichContact(question);
  const forPush = isAway ? undefined : fittedForPush(context, contact, { want, enrichment: plain });
  const enrichment = forPush === undefined ? plain : enrichContact({ ...question, forPush });
  const owned =
    ownedElsewhere(contact, context.contactStatesById.get(contact.id)) ?? ownedUntilLinked(context, contact, enrichment, user.immutableId);
  const writes = owned === null && (user.presence === 'present' || isAway) && Object.keys(enrichment.patch).length > 0;
  const update = writes ? updateChange(base, contact, enrichment) : null;
  return { ...base, contact, enrichment, owned, verdict: null, match, create: null, update, want };
}

/** The contact has the type of a leaver from rollcall, and neither the user nor any rule asks for one any more (E8). */
function cameBack(
  { typeRules }: PlanContext,
  { user, choice }: Beginning,
  { contact, typeBase }: { readonly contact: Contact; readonly typeBase: FieldBase | undefined },
): boolean {
  const { contactTypeId } = contact;
  if (contactTypeId === null || !typeRules.leaverTypes.has(contactTypeId) || user.presence !== 'present') return false;
  return choice.decided && choice.contactType === null && typeBase?.origin === 'written' && typeBase.value === contactTypeId;
}

/** A new match counts as an update of the contact, when two-way is on (P3). */
function pushesMatches({ settings, psa }: PlanContext): boolean {
  return psa !== null && settings.psa.push !== 'off' && settings.psa.twoWay;
}

function planUnmatched(context: PlanContext, base: Beginning): UserPlan {
  const judged = judgeCreate(base.user, base.status, base.outcome, {
    settings: context.settings.contacts,
    state: context.userStatesById.get(base.user.id),
    namesakes: context.namesakes,
  });
  const made = judged.create ? newContact(base.wanted, placeholderForNew(context)) : null;
  const twice = made !== null ? pushedTwice(context, null, made.contact, base.user.immutableId) : null;
  // IT Glue's own pull brings what is in the PSA, and then it is matched.
  const verdict: CreateVerdict = twice === null ? judged : { create: false, rule: 'P8', why: twice };
  const pushes = context.psa !== null && context.settings.psa.push !== 'off';
  const want: PushWant | null = verdict.create && pushes ? { rule: 'P3', since: context.now } : null;
  const create = verdict.create && made !== null ? createChange(base, verdict, { want, made }) : null;
  return { ...base, contact: null, enrichment: null, owned: null, verdict, match: null, create, update: null, want };
}

function matchChange(context: PlanContext, { user, label, outcome }: Beginning, want: PushWant | null): MatchChange | null {
  if (outcome.contactId === null) return null;
  const applied = context.userStatesById.get(user.id)?.appliedContactId ?? null;
  const previous = applied === outcome.contactId ? null : applied;
  const contact = context.contactsById.get(outcome.contactId);
  return {
    id: `match:${user.id}`,
    kind: 'match',
    system: 'rollcall',
    user: user.id,
    label,
    record: outcome.contactId,
    rule: outcome.rule ?? 'M5',
    fields: { contact: { from: previous, to: `${contact?.name ?? 'contact'} (${outcome.contactId})` } },
    reason: outcome.reason,
    contactId: outcome.contactId,
    previousContactId: previous,
    pushWant: want,
  };
}

function createChange(
  { user, label }: Beginning,
  verdict: CreateVerdict,
  { want, made }: { readonly want: PushWant | null; readonly made: NewContact },
): CreateChange {
  return {
    id: `create:${user.id}`,
    kind: 'create',
    system: 'it-glue',
    user: user.id,
    label,
    record: null,
    rule: verdict.rule,
    fields: made.fields,
    reason: verdict.why,
    contact: made.contact,
    bases: made.bases,
    pushWant: want,
  };
}

function updateChange(base: Beginning, contact: Contact, enrichment: Enrichment): UpdateChange {
  const { user, label } = base;
  const written = enrichment.notes.filter((note) => note.action === 'write');
  const rules = new Set(written.map((note) => ruleOf(base, note)));
  return {
    id: `update:${contact.id}`,
    kind: 'update',
    system: 'it-glue',
    user: user.id,
    label,
    record: contact.id,
    rule: rules.size > 1 ? 'E4' : ([...rules][0] ?? 'E4'),
    fields: enrichment.fields,
    reason: written.map((note) => `${note.field}: ${reasonOf(base, note)}`).join('; '),
    contactId: contact.id,
    patch: enrichment.patch,
    before: enrichment.before,
    bases: enrichment.writtenBases,
    blanks: enrichment.blanks,
  };
}

/** A type or flag that a rule asks for is that rule's; taking a leaver's type back belongs to E8. */
function ruleOf({ choice }: Beginning, { field }: FieldNote): string {
  if (field === 'important') return 'E10';
  if (field !== 'contactType' || choice.rule === 'E2') return 'E4';
  return choice.contactType === null ? 'E8' : choice.rule;
}

function reasonOf({ choice }: Beginning, { field, why }: FieldNote): string {
  const isRules = field === 'important' || (field === 'contactType' && choice.rule !== 'E2' && choice.contactType !== null);
  return isRules ? choice.why : why;
}
