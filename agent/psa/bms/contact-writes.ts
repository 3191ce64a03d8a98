import { type PsaContactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContact, PsaEmail, PsaPhone } from '../../../core/model/psa-contact.ts';
import { emailKey } from '../../../core/normalize/email.ts';
import { phoneKey } from '../../../core/normalize/phone.ts';
import type { Psa, PsaContactPatch } from '../../../core/ports/psa.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { isBlankPhone } from '../blank-phone.ts';
import { isId } from '../identity.ts';
import type { BmsClient } from './client.ts';
import { phoneText } from './contact.ts';
import { refused } from './errors.ts';
import { activeSchema, createdSchema, itemsChangedSchema } from './schema.ts';

type ContactWrites = Pick<Psa, 'createContact' | 'completeContact' | 'updateContact'>;

/** One request of an update. */
interface Step {
  readonly what: string;
  readonly send: () => Promise<WriteOutcome<null>>;
}

/** `RelatedItemOperationType`: the order in the answer (added, updated, deleted) tells that 0 adds. */
const addOperation = 0;

interface ContactWriteOptions {
  readonly client: BmsClient;
  /** Reads what is there before items are added. */
  readonly getContact: Psa['getContact'];
  readonly blankPhone: string;
}

/** The contact writes of the port. */
export function createContactWrites({ client, getContact, blankPhone }: ContactWriteOptions): ContactWrites {
  async function createContact(input: Parameters<Psa['createContact']>[0]): Promise<WriteOutcome<PsaContactId>> {
    const what = 'creating a contact';
    const untyped = [...input.emails, ...input.phones].some((item) => !isId(item.typeId));
    if (untyped) return refused(`${client.productName} (${what}): an e-mail or phone has no type of the PSA`);
    if (!isId(input.companyId) || !isId(input.locationId))
      return refused(`${client.productName} (${what}): company or location is missing`);

    const reply = await client.write({
      method: 'POST',
      route: '/v2/crm/contacts/summary',
      body: {
        FirstName: input.firstName,
        LastName: input.lastName ?? '',
        AccountId: Number(input.companyId),
        LocationId: Number(input.locationId),
        Phones: input.phones.map((item) => ({
          PhoneNumber: phoneText(item.phone),
          PhoneTypeId: Number(item.typeId),
          IsDefault: item.primary,
        })),
        Emails: input.emails.map((item) => ({ EmailAddress: item.value, EmailTypeId: Number(item.typeId), IsDefault: item.primary })),
      },
    });
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    const created = createdSchema.safeParse(reply.value);
    if (!created.success || created.data.id === '0') return unclear(what, 'the answer has no id');
    return { kind: 'done', value: psaContactId(created.data.id) };
  }

  async function completeContact(id: PsaContactId, input: Parameters<Psa['completeContact']>[1]): Promise<WriteOutcome<null>> {
    return input.title === null ? { kind: 'done', value: null } : patchFields(id, [['JobTitle', input.title]]);
  }

  async function updateContact(id: PsaContactId, patch: PsaContactPatch): Promise<WriteOutcome<null>> {
    const what = 'changing a contact';
    const addsItems = (patch.addEmails?.length ?? 0) + (patch.addPhones?.length ?? 0) > 0;
    const current = addsItems ? await getContact(id) : null;
    if (addsItems && current === null) return refused(`${client.productName} (${what}): there is no such contact`);

    const emails = newEmails(patch.addEmails ?? [], current);
    const phones = newPhones(patch.addPhones ?? [], current).filter((item) => !isBlankPhone(item.phone.raw, blankPhone));
    if ([...emails, ...phones].some((item) => !isId(item.typeId))) {
      return refused(`${client.productName} (${what}): an e-mail or phone has no type of the PSA`);
    }
    if (patch.locationId !== undefined && !isId(patch.locationId)) {
      return refused(`${client.productName} (${what}): the location is none of the PSA`);
    }
    return runSteps(what, planSteps(id, patch, { emails, phones }));
  }

  function planSteps(
    id: PsaContactId,
    patch: PsaContactPatch,
    items: { emails: readonly PsaEmail[]; phones: readonly PsaPhone[] },
  ): Step[] {
    const fields = patchedFields(patch);
    const steps: Step[] = [];
    if (fields.length > 0) steps.push({ what: 'fields', send: () => patchFields(id, fields) });
    if (items.emails.length > 0) {
      const body = items.emails.map((item) => ({
        Operation: addOperation,
        EmailAddress: item.value,
        TypeId: Number(item.typeId),
        IsDefault: item.primary,
      }));
      steps.push({ what: 'e-mails', send: () => patchItems('/v2/crm/contacts/{contactId}/emails', id, body) });
    }
    if (items.phones.length > 0) {
      const body = items.phones.map((item) => ({
        Operation: addOperation,
        PhoneNumber: phoneText(item.phone),
        TypeId: Number(item.typeId),
        IsDefault: item.primary,
      }));
      steps.push({ what: 'phones', send: () => patchItems('/v2/crm/contacts/{contactId}/phones', id, body) });
    }
    return steps;
  }

  /** Once a step is done the whole cannot be called refused: "nothing was written" would not hold. */
  async function runSteps(what: string, steps: readonly Step[]): Promise<WriteOutcome<null>> {
    const done: string[] = [];
    for (const step of steps) {
      const outcome = await step.send();
      if (outcome.kind === 'refused' && done.length > 0) return unclear(what, `${done.join(' and ')} written; ${outcome.reason}`);
      if (outcome.kind !== 'done') return outcome;
      done.push(step.what);
    }
    return { kind: 'done', value: null };
  }

  /** PATCH changes only what it names; the PUT beside it would switch off what it does not carry. */
  async function patchFields(id: PsaContactId, fields: readonly (readonly [name: string, value: unknown])[]): Promise<WriteOutcome<null>> {
    const reply = await client.write({
      method: 'PATCH',
      route: '/v2/crm/contacts/{id}',
      path: { id },
      body: fields.map(([name, value]) => ({ op: 'replace', path: `/${name}`, value })),
      contentType: 'application/json-patch+json',
    });
    const what = 'changing a contact';
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    const asked = fields.find(([name]) => name === 'IsActive')?.[1];
    if (asked === undefined || (await isActiveNow(id, reply.value)) === asked) return { kind: 'done', value: null };
    const reason = `the request was taken, but the contact is still ${asked === true ? 'inactive' : 'active'}`;
    return fields.length > 1 ? unclear(what, reason) : refused(`${client.productName} (${what}): ${reason}`);
  }

  /** That a patch reaches IsActive is inferred from the body of the PUT beside it: whether it did is looked at. */
  async function isActiveNow(id: PsaContactId, answer: unknown): Promise<boolean | null> {
    const told = activeSchema.safeParse(answer).data?.isActive ?? null;
    return told ?? (await getContact(id))?.active ?? null;
  }

  async function patchItems(route: string, id: PsaContactId, body: readonly unknown[]): Promise<WriteOutcome<null>> {
    const what = 'adding e-mails or phones';
    const reply = await client.write({ method: 'PATCH', route, path: { contactId: id }, body });
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    const counts = itemsChangedSchema.safeParse(reply.value).data;
    if (counts === undefined) return { kind: 'done', value: null };
    const isAsAsked = counts.added === body.length && counts.updated === 0 && counts.deleted === 0;
    return isAsAsked ? { kind: 'done', value: null } : unclear(what, 'the counts in the answer are not what was asked for');
  }

  function unclear(what: string, reason: string): WriteOutcome<never> {
    return { kind: 'unknown', code: 'PSA_ANSWER_LOST', reason: `${client.productName} (${what}): ${reason}` };
  }

  return { createContact, completeContact, updateContact };
}

function patchedFields(patch: PsaContactPatch): (readonly [string, unknown])[] {
  const fields = [
    ['FirstName', patch.firstName],
    ['LastName', patch.lastName],
    ['JobTitle', patch.title],
    ['LocationId', patch.locationId === undefined ? undefined : Number(patch.locationId)],
    ['IsActive', patch.active],
  ] as const;
  return fields.filter(([, value]) => value !== undefined);
}

function newEmails(wanted: readonly PsaEmail[], current: PsaContact | null): readonly PsaEmail[] {
  const known = new Set(current?.emails.map((item) => emailKey(item.value)));
  return wanted.filter((item) => !known.has(emailKey(item.value)));
}

function newPhones(wanted: readonly PsaPhone[], current: PsaContact | null): readonly PsaPhone[] {
  const known = new Set(current?.phones.map((item) => phoneKey(item.phone)));
  return wanted.filter((item) => !known.has(phoneKey(item.phone)));
}
