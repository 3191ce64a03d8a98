import type { Contact } from '../model/contact.ts';
import type { PsaContactId } from '../model/ids.ts';
import type { PsaContact, PsaContactInput } from '../model/psa-contact.ts';
import type { Canary, ContactState, PushWant } from '../model/state.ts';
import type { Moment } from '../model/time.ts';
import { type AwaitedPush, awaitedPush, awaitedText, clockText } from './awaited-push.ts';
import { assessEligibility, type MissingForPush } from './eligibility.ts';
import type { PsaContext, PushCandidate } from './psa-context.ts';
import { misplacedText } from './psa-location.ts';
import { findByKey, findTwin, type TwinDecision } from './psa-twin.ts';

/** The states that the contact table shows (interface: `psa.state`). */
type PsaState = 'pushed' | 'linked' | 'not-yet-pushed' | 'waiting' | 'held' | 'not-eligible' | 'off';

export interface PsaView {
  /** P11: it is in the PSA, or eligible for it. */
  readonly badge: boolean;
  readonly state: PsaState;
  readonly message: string | null;
  readonly missing: readonly MissingForPush[];
  /** PSA contacts that a person has to choose among (P8). */
  readonly candidates: readonly PsaContactId[];
}

type PushAction =
  | { readonly kind: 'none' }
  | { readonly kind: 'push'; readonly input: PsaContactInput; readonly want: PushWant }
  | { readonly kind: 'link'; readonly twin: PsaContact; readonly input: PsaContactInput; readonly why: string }
  | { readonly kind: 'complete'; readonly psaContactId: PsaContactId; readonly input: PsaContactInput };

export interface PushDecision {
  readonly view: PsaView;
  readonly action: PushAction;
  /** IT Glue is to push it by itself (P10); not there: it is not. */
  readonly awaited?: AwaitedPush;
}

export interface PushQuestion {
  readonly candidate: PushCandidate;
  /** The contact as it is in IT Glue; `null` when it is created by this plan. */
  readonly contact: Contact | null;
  readonly state: ContactState | undefined;
  /** Why it is to be pushed, or `null` when nothing asks for it (P4, P6). */
  readonly want: PushWant | null;
  readonly psa: PsaContext | null;
  readonly canary: Canary | null;
  readonly now: Moment;
  /** A person asked for this very contact (P5): what was deleted in the PSA may be created again. */
  readonly byName?: boolean;
}

const off: PsaView = { badge: false, state: 'off', message: null, missing: [], candidates: [] };
const nothing: PushAction = { kind: 'none' };

/** Decides what becomes of one contact in the PSA (P1, P3-P8, P10-P12): its state for people, and what is to be done. */
export function decidePush(question: PushQuestion): PushDecision {
  const { psa, contact, candidate } = question;
  if (psa === null) return { view: off, action: nothing };
  const known = lostLink(question, psa) ?? alreadyThere(question, psa);
  if (known !== null) return known;
  const { displayName } = psa.snapshot;
  if (psa.settings.push === 'off') return { view: off, action: nothing };
  if (psa.snapshot.excluded !== null) return { view: { ...off, message: psa.snapshot.excluded }, action: nothing };

  const eligibility = assessEligibility(candidate, psa);
  if (!eligibility.eligible) {
    const missing = eligibility.missing.length === 0 ? [] : [`${eligibility.missing.join(', ')} missing`];
    const message = `Not pushed to ${displayName}: ${[...missing, ...eligibility.hints].join('; ')}`;
    return { view: { badge: false, state: 'not-eligible', message, missing: eligibility.missing, candidates: [] }, action: nothing };
  }
  const view = (state: PsaState, message: string | null, candidates: readonly PsaContactId[] = []): PsaView => ({
    badge: true,
    state,
    message,
    missing: [],
    candidates,
  });
  const awaited = awaitedPush(question.state?.awaitedSince ?? null, psa.settings.settleMinutes, question.now);
  const isItGlues = psa.settings.push === 'it-glue';
  if (!isItGlues && question.canary?.state === 'tripped') {
    return { view: view('held', `PSA_DOUBLE_PUSH: IT Glue pushes to ${displayName} by itself`), action: nothing };
  }
  const atTwin = (twin: Exclude<TwinDecision, { kind: 'none' }>): PushDecision => {
    // IT Glue's own push does not look before it creates.
    if (isItGlues) return { view: view('held', `Held: ${itGlueHold(twin)}`, twinIds(twin)), action: nothing };
    if (twin.kind === 'hold') return { view: view('held', `Held: ${twin.why}`, twin.candidates), action: nothing };
    const action: PushAction = { kind: 'link', twin: twin.twin, input: eligibility.input, why: twin.why };
    return { view: view('waiting', `To be linked: ${twin.why}`), action };
  };
  // A contact that carries its key was pushed once: it is linked again, whether or not anything asks for a push.
  const keyed = findByKey(candidate, psa);
  if (keyed.kind !== 'none') return atTwin(keyed);
  if (question.want === null) {
    const message = `Record not yet pushed to ${displayName}. To trigger a push, try updating the record`;
    return { view: view('not-yet-pushed', message), action: nothing };
  }

  const twin = findTwin(candidate, psa);
  if (twin.kind !== 'none') return atTwin(twin);
  if (isItGlues) return { view: view('waiting', awaitedText(awaited, displayName)), action: nothing, awaited };
  const misplaced = candidate.location === null ? null : psa.locationProblem(candidate.location);
  if (misplaced !== null) return { view: view('held', misplacedText(misplaced)), action: nothing };
  if (awaited.since !== null && !awaited.isOverdue) {
    const message = `IT Glue was to push it to ${displayName} by itself since ${clockText(awaited.since)}: it is given its time`;
    return { view: view('waiting', message), action: nothing };
  }
  const waits = question.canary?.state === 'waiting' && question.canary.contactId !== contact?.id;
  const message = waits ? 'waiting for the canary' : `To be pushed to ${displayName} by the next sync`;
  return { view: view('waiting', message), action: { kind: 'push', input: eligibility.input, want: question.want } };
}

function itGlueHold({ why }: Exclude<TwinDecision, { kind: 'none' }>): string {
  return `${why}; IT Glue would push a second one, so rollcall writes nothing until IT Glue has linked it`;
}

function twinIds(twin: Exclude<TwinDecision, { kind: 'none' }>): readonly PsaContactId[] {
  return twin.kind === 'hold' ? twin.candidates : [twin.twin.id];
}

/**
 * Why a link of rollcall's leads nowhere any more: the PSA's contact was deleted, merged into another one, or moved. As with M7 it is not
 * created again by itself.
 */
export function lostOf(state: ContactState | undefined, psa: PsaContext): 'deleted' | 'moved' | null {
  const link = state?.psaLink ?? null;
  if (link === null || psa.byId.has(link.psaContactId)) return null;
  return psa.snapshot.lost?.get(link.psaContactId) ?? link.lost ?? null;
}

function lostLink({ candidate, contact, state, byName }: PushQuestion, psa: PsaContext): PushDecision | null {
  const lost = lostOf(state, psa);
  if (lost === null || byName === true || adapterOf(contact, psa) !== undefined) return null;
  const { displayName } = psa.snapshot;
  const twin = findTwin(candidate, psa);
  const candidates = twin.kind === 'none' ? [] : twinIds(twin);
  const why =
    lost === 'moved'
      ? `its contact in ${displayName} belongs to another company now`
      : `its contact in ${displayName} was deleted, or merged into another one`;
  const message = `Held: ${why}; it is not created again by itself. "rollcall push ${contact?.id ?? 'CONTACT'}" links or creates it`;
  return { view: { badge: true, state: 'held', message, missing: [], candidates }, action: nothing };
}

/** A contact that is linked, by IT Glue or by rollcall, is never pushed as new (P3). */
function alreadyThere({ contact, state, candidate }: PushQuestion, psa: PsaContext): PushDecision | null {
  const { displayName } = psa.snapshot;
  const adapter = adapterOf(contact, psa);
  const link = lostOf(state, psa) === null ? (state?.psaLink ?? null) : null;
  if (adapter === undefined && link === null && contact?.psaIntegration == null) return null;

  const ours = link !== null && link.createdByRollcall && (adapter === undefined || adapter.remoteId === link.psaContactId);
  const view: PsaView = {
    badge: true,
    state: ours ? 'pushed' : 'linked',
    message: linkMessage(contact, adapter, displayName),
    missing: [],
    candidates: [],
  };
  if (link === null || link.complete || psa.settings.push !== 'direct') return { view, action: nothing };
  const eligibility = assessEligibility(candidate, psa);
  if (!eligibility.eligible) return { view, action: nothing };
  return { view, action: { kind: 'complete', psaContactId: link.psaContactId, input: eligibility.input } };
}

function adapterOf(contact: Contact | null, psa: PsaContext): Contact['adapters'][number] | undefined {
  const names = new Set(psa.snapshot.adapterNames.map((name) => name.toLowerCase()));
  return contact?.adapters.find((item) => names.has(item.adapter.toLowerCase()));
}

function linkMessage(contact: Contact | null, adapter: Contact['adapters'][number] | undefined, displayName: string): string | null {
  if (adapter?.orphaned === true || contact?.psaIntegration === 'orphaned') return `Its link with ${displayName} is orphaned`;
  if (adapter?.sync === false) return `Its sync with ${displayName} is switched off`;
  return null;
}

/** The PSA contact that an IT Glue contact is linked with, by IT Glue's link or by rollcall's. */
export function linkedPsaContact(contact: Contact, state: ContactState | undefined, psa: PsaContext): PsaContact | null {
  const names = new Set(psa.snapshot.adapterNames.map((name) => name.toLowerCase()));
  const remoteId = contact.adapters.find((item) => names.has(item.adapter.toLowerCase()))?.remoteId ?? null;
  const id = (remoteId as PsaContactId | null) ?? state?.psaLink?.psaContactId ?? null;
  return id === null ? null : (psa.byId.get(id) ?? null);
}

/** Contacts of one plan that would be created in the PSA are twins of each other too: the later one is held (P8). */
export class PlannedPushes {
  readonly #byEmail = new Map<string, string>();
  readonly #byName = new Map<string, string>();

  /** Why this push is held because of an earlier one of the same plan, or `null`; then it is counted in. */
  claim(candidate: PushCandidate, emailKeys: readonly string[], nameKey: string | null): string | null {
    for (const key of emailKeys) {
      const other = this.#byEmail.get(key);
      if (other !== undefined) return `Held: ${other} has the same e-mail and is pushed by the same plan`;
    }
    const namesake = nameKey === null ? undefined : this.#byName.get(nameKey);
    if (namesake !== undefined) return `Held: ${namesake} has the same name and is pushed by the same plan`;
    for (const key of emailKeys) this.#byEmail.set(key, candidate.label);
    if (nameKey !== null) this.#byName.set(nameKey, candidate.label);
    return null;
  }
}
