import type { PsaContext } from '../eligibility/psa-context.ts';
import type { Contact, Location } from '../model/contact.ts';
import type { Conflict, FieldChange, Settles } from '../model/plan.ts';
import type { PsaContact } from '../model/psa-contact.ts';
import type { SyncedValues } from '../model/state.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import type { PsaContactPatch } from '../ports/psa.ts';
import type { ValueTurn } from '../two-way/merge-values.ts';
import { contactSide, psaSide, type SyncedField, sameField, syncedFields, withFields } from '../two-way/sides.ts';

/** The mapped fields of the contact as the plan leaves it before two-way sync. */
type OurValues = Pick<Contact, 'firstName' | 'lastName' | 'title' | 'locationId' | 'emails' | 'phones'>;

export interface TwoWayQuestion {
  /** The contact as IT Glue has it now. */
  readonly contact: Contact;
  /** The same as the plan leaves it before two-way sync. */
  readonly ours: OurValues;
  readonly twin: PsaContact;
  /** `null`: the two meet for the first time. */
  readonly base: SyncedValues | null;
  readonly psa: PsaContext;
  readonly locations: readonly Location[];
  /** What may be written (P9): an adapter that syncs leaves only the PSA, one-way sync only IT Glue. */
  readonly writes: { readonly itGlue: boolean; readonly psa: boolean };
  /** Off: the PSA's value wins whoever changed it. */
  readonly twoWay: boolean;
  /** IT Glue brings the PSA's changes by itself: they are on their way, and no conflict. */
  readonly pulled: boolean;
  /** Fields that another rule writes to the PSA in this plan already. */
  readonly taken: ReadonlySet<SyncedField>;
}

/** What one side is to take over. */
interface Direction<Patch> {
  readonly patch: Patch;
  readonly fields: Readonly<Record<string, FieldChange>>;
  readonly settles: Settles;
  readonly blanks: number;
  /** Fields that both sides changed. */
  readonly won: readonly SyncedField[];
}

export interface TwoWay {
  readonly toPsa: Direction<PsaContactPatch> | null;
  readonly toItGlue: Direction<ContactPatch> | null;
  readonly conflicts: readonly Pick<Conflict, 'field' | 'ours' | 'theirs'>[];
  /** The base as it is to be remembered now, before anything is written; `null`: as it was. */
  readonly observed: SyncedValues | null;
}

/** Conflicts have the configuration's words for fields. */
export const conflictNames: Readonly<Record<SyncedField, string>> = {
  firstName: 'firstName',
  lastName: 'lastName',
  title: 'title',
  location: 'location',
  emails: 'email',
  phones: 'phone',
};

type OurPatch = { -readonly [Key in keyof ContactPatch]: ContactPatch[Key] };
type TheirPatch = { -readonly [Key in keyof PsaContactPatch]: PsaContactPatch[Key] };

/** Of two that have met before. */
type Known = TwoWayQuestion & { readonly base: SyncedValues };

/** The merge of one contact while it is worked out, field by field. */
export class TwoWayDraft {
  readonly question: Known;
  readonly #seen: SyncedValues;
  /** With what the plan writes to IT Glue by other rules. */
  readonly now: SyncedValues;
  readonly base: SyncedValues;
  readonly toPsa = { patch: {} as TheirPatch, fields: {} as Record<string, FieldChange>, blanks: 0 };
  readonly toItGlue = { patch: {} as OurPatch, fields: {} as Record<string, FieldChange>, blanks: 0 };
  readonly #pending = new Map<SyncedField, 'psa' | 'it-glue' | 'both'>();
  readonly #waiting = new Set<SyncedField>();
  readonly #won: SyncedField[] = [];
  readonly #conflicts: Pick<Conflict, 'field' | 'ours' | 'theirs'>[] = [];

  constructor(question: Known, seen: SyncedValues, now: SyncedValues) {
    this.question = question;
    this.#seen = seen;
    this.now = now;
    this.base = question.base;
  }

  /** Where a value goes under the settings and the owners; `wait`: to neither now, and the base stays. */
  turnOf(field: SyncedField, turn: ValueTurn): ValueTurn | 'wait' {
    const { writes, twoWay, taken } = this.question;
    if (turn === 'same' || turn === 'differs') return turn;
    if (taken.has(field)) return 'wait';
    const wanted = turn === 'to-psa' && !twoWay ? 'both-changed' : turn;
    if (wanted === 'to-psa') return writes.psa ? wanted : 'wait';
    return writes.itGlue ? wanted : 'wait';
  }

  conflict(field: string, ours: string | null, theirs: string | null): void {
    this.#conflicts.push({ field, ours, theirs });
  }

  won(field: SyncedField): void {
    this.#won.push(field);
  }

  /** The field is to be written on that side: its base waits for it. */
  pending(field: SyncedField, side: 'psa' | 'it-glue'): void {
    this.#pending.set(field, this.#pending.has(field) ? 'both' : side);
  }

  /** The field stays different for now, and it is not forgotten who changed it. */
  wait(field: SyncedField): void {
    this.#waiting.add(field);
  }

  /** The same, and told at each run until somebody changes a value or a setting. */
  block(field: SyncedField, ours: string | null, theirs: string | null): void {
    this.#waiting.add(field);
    this.conflict(conflictNames[field], ours, theirs);
  }

  finish(): TwoWay {
    const { toPsa, toItGlue } = this;
    // What is not written yet is no base: were the write to fail, the old value would look like a change.
    const settled = syncedFields.filter(
      (field) => !this.#pending.has(field) && !this.#waiting.has(field) && sameField(this.#seen.itGlue, this.now.itGlue, field),
    );
    const fresh = withFields(this.base, this.#seen, settled);
    const isKnown = syncedFields.every((field) => isSame(fresh, this.base, field));
    return {
      toPsa: Object.keys(toPsa.patch).length === 0 ? null : { ...toPsa, settles: this.#settles('psa'), won: [] },
      toItGlue: Object.keys(toItGlue.patch).length === 0 ? null : { ...toItGlue, settles: this.#settles('it-glue'), won: this.#won },
      conflicts: this.#conflicts,
      observed: isKnown ? null : fresh,
    };
  }

  #settles(side: 'psa' | 'it-glue'): Settles {
    const fields = [...this.#pending].flatMap(([field, where]) => (where === side || where === 'both' ? [field] : []));
    const { ours, twin } = this.question;
    const planned = { ...ours, ...this.toItGlue.patch } as OurValues;
    const { patch } = this.toPsa;
    const there = {
      ...twin,
      ...patch,
      emails: patch.emails ?? twin.emails,
      phones: patch.phones ?? twin.phones,
    } as PsaContact;
    return {
      psaContactId: twin.id,
      fields,
      both: [...this.#pending].flatMap(([field, where]) => (where === 'both' ? [field] : [])),
      before: this.now,
      after: { psaContactId: twin.id, itGlue: contactSide(planned), psa: psaSide(there) },
    };
  }
}

function isSame(one: SyncedValues, other: SyncedValues, field: SyncedField): boolean {
  return sameField(one.itGlue, other.itGlue, field) && sameField(one.psa, other.psa, field);
}
