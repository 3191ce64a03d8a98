import { type PsaContactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { Psa, PsaContactPatch } from '../../../core/ports/psa.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { afterWriting } from '../after-write.ts';
import { isId } from '../identity.ts';
import { wireId } from '../json.ts';
import type { AutotaskClient } from './client.ts';
import { changedValues, type Misfit, newValues, type Values } from './contact-values.ts';
import { refused, unclear } from './errors.ts';
import { writtenSchema } from './schema.ts';

type ContactWrites = Pick<Psa, 'createContact' | 'completeContact' | 'updateContact'>;

interface ContactWriteOptions {
  readonly client: AutotaskClient;
  readonly getContact: Psa['getContact'];
  /** The company that the contact had when it was first read. */
  readonly firstCompanyOf: (id: PsaContactId) => string | null;
}

/** The contact writes of the port: all of them go to the company that the contact belongs to. */
export function createContactWrites({ client, getContact, firstCompanyOf }: ContactWriteOptions): ContactWrites {
  async function createContact(input: Parameters<Psa['createContact']>[0]): Promise<WriteOutcome<PsaContactId>> {
    const what = 'creating a contact';
    const lacks = input.lastName === null ? 'the last name' : null;
    if (lacks !== null) return refused(what, `${lacks} is missing`);
    if (!/^\d+$/.test(input.companyId)) return refused(what, 'the company is none of Autotask');
    if (input.locationId !== null && !isId(input.locationId)) return refused(what, 'the location is none of Autotask');
    const lists = newValues(input.emails, input.phones);
    if (isMisfit(lists)) return refused(what, lists.misfit);

    const reply = await client.write({
      method: 'POST',
      path: `/Companies/${input.companyId}/Contacts`,
      body: {
        companyID: Number(input.companyId),
        firstName: input.firstName,
        lastName: input.lastName,
        // A number here, unlike the flags of other records: true is refused.
        isActive: 1,
        ...(input.title === null ? {} : { title: input.title }),
        ...(input.locationId === null ? {} : { companyLocationID: Number(input.locationId) }),
        ...lists,
        ...(input.externalKey === null ? {} : { externalID: input.externalKey }),
      },
    });
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    const written = writtenSchema.safeParse(reply.value).data;
    if (written === undefined || written.itemId === '0') return unclear(what, 'the answer has no id');
    return { kind: 'done', value: psaContactId(written.itemId) };
  }

  async function updateContact(id: PsaContactId, patch: PsaContactPatch): Promise<WriteOutcome<null>> {
    const what = 'changing a contact';
    if (patch.lastName === null) return refused(what, 'a contact of Autotask needs a last name');
    if (patch.locationId !== undefined && patch.locationId !== null && !isId(patch.locationId)) {
      return refused(what, 'the location is none of Autotask');
    }
    const current = await getContact(id);
    if (current === null) return refused(what, 'there is no such contact');
    const before = firstCompanyOf(id);
    if (before !== null && before !== current.companyId) {
      return refused(what, `the contact belongs to company ${current.companyId} by now, not to ${before}`);
    }
    const lists = changedValues(current, patch);
    if (isMisfit(lists)) return refused(what, lists.misfit);
    const values = { ...changedFields(current, patch), ...lists };
    if (Object.keys(values).length === 0) return { kind: 'done', value: null };
    const outcome = await patchContact(id, current.companyId, values);
    const isDoubtful = Object.entries(values).some(([name, value]) => name === 'isActive' || value === null);
    if (outcome.kind !== 'done' || !isDoubtful) return outcome;
    return afterWriting(
      () => confirmed(id, patch, values),
      (reason) => unclear(what, reason),
    );
  }

  /** Changes only what is named; the PUT beside it would empty all that it does not carry. */
  async function patchContact(id: PsaContactId, companyId: string, values: Values): Promise<WriteOutcome<null>> {
    const reply = await client.write({
      method: 'PATCH',
      path: `/Companies/${companyId}/Contacts`,
      body: { id: wireId(id), ...values },
    });
    return reply.kind === 'result' ? { kind: 'done', value: null } : client.writeOutcome('changing a contact', reply);
  }

  /** That `null` empties a field is published of PUT only, and `isActive` is odd: both are looked at. */
  async function confirmed(id: PsaContactId, patch: PsaContactPatch, values: Values): Promise<WriteOutcome<null>> {
    const what = 'changing a contact';
    const now = await getContact(id);
    if (now === null) return unclear(what, 'the contact is not there any more');
    const lists = changedValues(now, patch);
    const left = Object.keys({ ...changedFields(now, patch), ...(isMisfit(lists) ? {} : lists) });
    if (left.length === 0) return { kind: 'done', value: null };
    const still = `still ${now.active ? 'active' : 'inactive'}`;
    const reason = `the request was taken, but the contact ${left.includes('isActive') ? `is ${still}` : `still has its ${left.join(', ')}`}`;
    return Object.keys(values).every((name) => left.includes(name)) ? refused(what, reason) : unclear(what, reason);
  }

  // A create carries everything.
  return { createContact, completeContact: () => Promise.resolve({ kind: 'done', value: null }), updateContact };
}

function changedFields(current: PsaContact, patch: PsaContactPatch): Values {
  const wanted: readonly (readonly [name: string, value: string | number | null | undefined, now: string | number | null])[] = [
    ['firstName', patch.firstName, current.firstName],
    ['lastName', patch.lastName, current.lastName],
    ['title', patch.title, current.title],
    ['companyLocationID', idOf(patch.locationId), idOf(current.locationId) ?? null],
    ['externalID', current.externalKey === null ? patch.externalKey : undefined, current.externalKey],
    ['isActive', patch.active === undefined ? undefined : Number(patch.active), Number(current.active)],
  ];
  return Object.fromEntries(wanted.flatMap(([name, value, now]) => (value === undefined || value === now ? [] : [[name, value] as const])));
}

function idOf(id: string | null | undefined): number | null | undefined {
  return id === null || id === undefined ? id : Number(id);
}

function isMisfit(values: Values | Misfit): values is Misfit {
  return 'misfit' in values;
}
