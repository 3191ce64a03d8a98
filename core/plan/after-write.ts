import type { Contact } from '../model/contact.ts';
import type { ContactId, PsaContactId } from '../model/ids.ts';
import type {
  CompleteChange,
  CreateChange,
  LinkChange,
  MatchChange,
  PsaUpdateChange,
  PushChange,
  Settles,
  UpdateChange,
} from '../model/plan.ts';
import type { Canary, ContactBase, ContactState, SyncedValues, UserState } from '../model/state.ts';
import type { Moment } from '../model/time.ts';
import { contactSide, withFields } from '../two-way/sides.ts';
import { contactFingerprint } from './fingerprint.ts';

/** What is remembered because a write was carried out; the store keeps it in the transaction of the result (A2). */
export interface AfterWrite {
  readonly users?: readonly UserState[];
  readonly bases?: readonly ContactBase[];
  readonly contacts?: readonly ContactState[];
}

/** The state of a contact about which nothing is remembered yet. */
export function newContactState(contactId: ContactId): ContactState {
  return {
    contactId,
    fingerprint: null,
    pushWant: null,
    psaLink: null,
    refusedAtUpdate: null,
    psaInactiveAt: null,
    synced: null,
    awaitedSince: null,
  };
}

/** A user whose match a plan applied (M). */
export function afterMatch(change: MatchChange, state: UserState, now: Moment): UserState {
  return {
    ...state,
    state: 'matched',
    contactId: change.contactId,
    rule: change.rule,
    decidedAt: now,
    appliedContactId: change.contactId,
    returned: false,
    createRequested: false,
    createdContact: change.contactId === state.contactId && state.createdContact,
  };
}

/** A contact that was created for a user (E3). */
export function afterCreate(
  change: CreateChange,
  contact: Contact,
  states: { readonly user: UserState; readonly now: Moment },
): AfterWrite {
  return {
    users: [
      {
        ...states.user,
        state: 'matched',
        contactId: contact.id,
        rule: 'E3',
        decidedAt: states.now,
        appliedContactId: contact.id,
        returned: false,
        createRequested: false,
        createdContact: true,
      },
    ],
    bases: [{ userId: change.user, contactId: contact.id, fields: change.bases }],
    contacts: [{ ...newContactState(contact.id), fingerprint: contactFingerprint(contact), pushWant: change.pushWant }],
  };
}

/** A contact that was updated (E4). `contact` is as IT Glue has it now. */
export function afterUpdate(change: UpdateChange, contact: Contact, state: ContactState): AfterWrite {
  return {
    ...(change.user === null ? {} : { bases: [{ userId: change.user, contactId: change.contactId, fields: change.bases }] }),
    contacts: [
      {
        ...state,
        fingerprint: contactFingerprint(contact),
        refusedAtUpdate: null,
        synced: change.settles === undefined ? state.synced : afterItGlue(state.synced, change.settles, contact),
      },
    ],
  };
}

/** IT Glue has taken over what the PSA has; a field that goes both ways waits for the other write (P9). */
function afterItGlue(base: SyncedValues | null, { fields, both, before }: Settles, contact: Contact): SyncedValues | null {
  if (base === null) return null;
  const done = fields.filter((field) => !both.includes(field));
  return withFields(base, { itGlue: contactSide(contact), psa: before.psa }, done);
}

/** The PSA has taken over what IT Glue has (P9). */
function afterPsa(base: SyncedValues | null, { fields, both, before, after }: Settles): SyncedValues | null {
  if (base === null) return null;
  const single = fields.filter((field) => !both.includes(field));
  return withFields(withFields(base, { itGlue: before.itGlue, psa: after.psa }, single), after, both);
}

/** A contact that refused to be updated because another integration owns it: not tried again until it changes (E9). */
export function afterRefusal(contact: Contact, state: ContactState): AfterWrite {
  return { contacts: [{ ...state, refusedAtUpdate: contact.updatedAt ?? 'unknown' }] };
}

/** A contact that was created in the PSA; the second call is still to come. */
export function afterPush(
  change: PushChange,
  psaContactId: PsaContactId,
  states: { readonly contact: ContactState; readonly now: Moment; readonly titleInSecondCall: boolean; readonly synced?: SyncedValues },
): AfterWrite {
  const complete = change.input.title === null || !states.titleInSecondCall;
  const bases =
    change.user === null || change.bases === undefined
      ? {}
      : { bases: [{ userId: change.user, contactId: states.contact.contactId, fields: change.bases }] };
  return {
    ...bases,
    contacts: [
      {
        ...states.contact,
        pushWant: null,
        psaLink: { psaContactId, companyId: change.input.companyId, createdByRollcall: true, complete, linkedAt: states.now },
        synced: states.synced ?? null,
        awaitedSince: null,
      },
    ],
  };
}

/** The second call of a create was carried out. */
export function afterComplete(_change: CompleteChange | PushChange, state: ContactState): AfterWrite {
  return { contacts: [{ ...state, psaLink: state.psaLink === null ? null : { ...state.psaLink, complete: true } }] };
}

/** A contact that was found in the PSA and linked (P8). */
export function afterLink(change: LinkChange, state: ContactState, now: Moment, synced: SyncedValues | null = null): AfterWrite {
  return {
    contacts: [
      {
        ...state,
        pushWant: null,
        synced,
        awaitedSince: null,
        psaLink: {
          psaContactId: change.psaContactId,
          companyId: change.companyId,
          createdByRollcall: false,
          complete: true,
          linkedAt: now,
        },
      },
    ],
  };
}

/** Values that went to the PSA (E9, P9), and a contact that was made inactive there (E8). */
export function afterPsaUpdate(change: PsaUpdateChange, state: ContactState, now: Moment): AfterWrite {
  return {
    ...(change.user === null ? {} : { bases: [{ userId: change.user, contactId: change.contactId, fields: change.bases }] }),
    contacts: [
      {
        ...state,
        psaInactiveAt: change.patch.active === false ? now : state.psaInactiveAt,
        synced: change.settles === undefined ? state.synced : afterPsa(state.synced, change.settles),
      },
    ],
  };
}

/** The canary starts when its create was sent (P10). */
export function canaryAfter(contactId: ContactId, psaContactId: PsaContactId | null, now: Moment): Canary {
  return { contactId, psaContactId, startedAt: now, state: 'waiting' };
}
