import type { PsaView } from './eligibility/decide-push.ts';
import type { PsaSnapshot } from './eligibility/psa-context.ts';
import type { Contact, Location, NamedType, OverlayAsset } from './model/contact.ts';
import type { DirectoryUser } from './model/directory-user.ts';
import type { ContactId } from './model/ids.ts';
import type { Plan } from './model/plan.ts';
import type { OrganizationSettings } from './model/settings.ts';
import type { ContactBase, ContactState, OrganizationState, UserState } from './model/state.ts';
import type { Moment } from './model/time.ts';
import type { UserDecision } from './plan/decision.ts';

/** A one-time push of contacts (P5): all syncable ones, or those that were named. */
export interface PushRequest {
  readonly all: boolean;
  readonly contactIds: readonly ContactId[];
}

/** All that a plan is worked out from. Lists of IT Glue and the PSA are complete reads (C11). */
export interface ReconcileInput {
  readonly now: Moment;
  readonly settings: OrganizationSettings;
  readonly users: readonly DirectoryUser[];
  readonly contacts: readonly Contact[];
  /** What a look-up said of matched contacts that are not in the list (M7, C11). */
  readonly lost: ReadonlyMap<ContactId, 'deleted' | 'moved'>;
  readonly locations: readonly Location[];
  readonly contactTypes: readonly NamedType[];
  /** The "AD User" assets; empty when the type does not exist yet. */
  readonly overlays: readonly OverlayAsset[];
  readonly userStates: readonly UserState[];
  readonly contactBases: readonly ContactBase[];
  readonly contactStates: readonly ContactState[];
  readonly organizationState: OrganizationState;
  /** `null`: no PSA. */
  readonly psa: PsaSnapshot | null;
  /** `null`: a plan or sync; else only the push of these contacts is planned. */
  readonly pushRequest: PushRequest | null;
  /** A look of the watch (P9): contacts and users are those that changed, and only the PSA's side of them is planned. */
  readonly watch?: { readonly usersInScope: number };
  /** Hashes a text; the same text gives the same hash. */
  readonly hash: (text: string) => string;
}

/** What was observed; it holds whatever becomes of the plan. */
export interface Observed {
  readonly users: readonly UserState[];
  readonly bases: readonly ContactBase[];
  readonly contacts: readonly ContactState[];
  readonly organization: OrganizationState;
}

/** What the PSA's side of one IT Glue contact is. */
export interface ContactView {
  readonly contactId: ContactId;
  readonly label: string;
  readonly psa: PsaView;
}

export interface Reconciled {
  readonly plan: Plan;
  readonly decisions: readonly UserDecision[];
  /** The PSA's side of every contact, also of those without a user. */
  readonly contactViews: readonly ContactView[];
  readonly observed: Observed;
}
