import { makePsaContext, type PsaContext } from '../../core/eligibility/psa-context.ts';
import type { Contact } from '../../core/model/contact.ts';
import type { ContactId, UserId } from '../../core/model/ids.ts';
import type { Plan } from '../../core/model/plan.ts';
import type { ContactState, OrganizationState, UserState } from '../../core/model/state.ts';
import { type AfterWrite, newContactState } from '../../core/plan/after-write.ts';
import { newUserState } from '../../core/plan/user-state.ts';
import { ApplyReport, type Target } from './apply-report.ts';
import { linksWith } from './psa-links.ts';
import type { RunContext } from './run-context.ts';
import type { Snapshot } from './snapshot.ts';

/** What applying one plan works with: the run, what was read, what is remembered, and what became of the changes so far. */
export class ApplyState {
  readonly run: RunContext;
  readonly plan: Plan;
  snapshot: Snapshot;
  readonly report = new ApplyReport();
  psaContext: PsaContext | null;
  readonly itGlue: Target = { closed: null, outages: 0 };
  readonly psa: Target = { closed: null, outages: 0 };
  /** Contacts that this plan created, by user. */
  readonly created = new Map<UserId, Contact>();
  /** Contacts as IT Glue answered them after a write of this plan. */
  readonly written = new Map<ContactId, Contact>();
  organization: OrganizationState;
  /** The plan was made by an earlier run, from what was there then. */
  readonly planIsStored: boolean;
  readonly #users: Map<UserId, UserState>;
  readonly #contacts: Map<ContactId, ContactState>;

  constructor(
    run: RunContext,
    work: {
      readonly plan: Plan;
      readonly snapshot: Snapshot;
      readonly users: readonly UserState[];
      readonly contacts: readonly ContactState[];
      readonly organization: OrganizationState;
      readonly planIsStored?: boolean;
    },
  ) {
    this.run = run;
    this.plan = work.plan;
    this.snapshot = work.snapshot;
    this.psaContext = work.snapshot.psa === null ? null : makePsaContext(work.snapshot.psa, run.settings.psa);
    this.organization = work.organization;
    this.planIsStored = work.planIsStored ?? false;
    this.#users = new Map(work.users.map((state) => [state.userId, state]));
    this.#contacts = new Map(work.contacts.map((state) => [state.contactId, state]));
  }

  /** Takes up the PSA links that settling brought to light. */
  relink(): void {
    const { psa } = this.snapshot;
    if (psa === null) return;
    const linked = { ...psa, linkedTo: linksWith(psa.linkedTo, this.contactStates()) };
    this.snapshot = { ...this.snapshot, psa: linked };
    this.psaContext = makePsaContext(linked, this.run.settings.psa);
  }

  user(id: UserId): UserState {
    return this.#users.get(id) ?? newUserState(id);
  }

  userStates(): Iterable<UserState> {
    return this.#users.values();
  }

  contactStates(): Iterable<ContactState> {
    return this.#contacts.values();
  }

  contact(id: ContactId): ContactState {
    return this.#contacts.get(id) ?? newContactState(id);
  }

  /** Keeps in mind what the store is about to keep. */
  remember<Kept extends AfterWrite>(kept: Kept): Kept {
    for (const state of kept.users ?? []) this.#users.set(state.userId, state);
    for (const state of kept.contacts ?? []) this.#contacts.set(state.contactId, state);
    return kept;
  }

  /** The contact as it is now: after a write of this plan, else as it was read. */
  current(id: ContactId): Contact | null {
    return this.written.get(id) ?? this.snapshot.contactsById.get(id) ?? null;
  }
}
