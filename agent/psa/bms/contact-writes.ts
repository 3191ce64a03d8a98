import { isDeepStrictEqual } from 'node:util';
import { type PsaContactId, psaContactId } from '../../../core/model/ids.ts';
import { sameValue } from '../../../core/normalize/text.ts';
import type { Psa, PsaContactPatch } from '../../../core/ports/psa.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { afterWriting } from '../after-write.ts';
import { isId } from '../identity.ts';
import type { BmsClient } from './client.ts';
import { type ContactReader, phoneText } from './contact.ts';
import { emailChanges, emailItems, phoneChanges, phoneItems } from './contact-items.ts';
import { refused } from './errors.ts';
import { areDone, areTyped, type Item, type ItemChange, type ItemName, toOperations } from './item-changes.ts';
import { type ContactRow, createdSchema, itemsChangedSchema, type Patched, patchedSchema } from './schema.ts';

type ContactWrites = Pick<Psa, 'createContact' | 'completeContact' | 'updateContact'>;

type Field = readonly [name: string, value: string | number | boolean | null];

/** One request of an update. */
interface Step {
  readonly what: string;
  readonly send: () => Promise<WriteOutcome<null>>;
}

interface ContactWriteOptions {
  readonly client: BmsClient;
  /** Reads what is there before e-mails and phones are changed, and afterwards where the answer does not tell. */
  readonly loadRow: (id: PsaContactId) => Promise<ContactRow | null>;
  readonly reader: ContactReader;
}

/** The contact writes of the port. */
export function createContactWrites({ client, loadRow, reader }: ContactWriteOptions): ContactWrites {
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
    if (patch.locationId !== undefined && !isId(patch.locationId)) {
      return refused(`${client.productName} (${what}): the location is none of the PSA`);
    }
    const changesItems = patch.emails !== undefined || patch.phones !== undefined || addsItems(patch);
    const current = changesItems ? await loadRow(id) : null;
    if (changesItems && current === null) return refused(`${client.productName} (${what}): there is no such contact`);
    const emails = current === null ? [] : emailChanges(current, patch);
    const phones = current === null ? [] : phoneChanges(current, patch, reader);
    if (!areTyped([...emails, ...phones])) return refused(`${client.productName} (${what}): an e-mail or phone has no type of the PSA`);
    return runSteps(what, planSteps(id, patchedFields(patch), { emails, phones }));
  }

  function planSteps(
    id: PsaContactId,
    fields: readonly Field[],
    { emails, phones }: { readonly emails: readonly ItemChange[]; readonly phones: readonly ItemChange[] },
  ): readonly Step[] {
    const steps = [
      { what: 'fields', count: fields.length, send: () => patchFields(id, fields) },
      { what: 'e-mails', count: emails.length, send: () => patchItems(id, 'EmailAddress', emails) },
      { what: 'phones', count: phones.length, send: () => patchItems(id, 'PhoneNumber', phones) },
    ];
    return steps.filter(({ count }) => count > 0);
  }

  /** Once a step is done the whole cannot be called refused: "nothing was written" would not hold. */
  async function runSteps(what: string, steps: readonly Step[]): Promise<WriteOutcome<null>> {
    const done: string[] = [];
    for (const step of steps) {
      const outcome = await (done.length === 0 ? step.send() : goOn(what, step.send));
      if (outcome.kind === 'refused' && done.length > 0) return unclear(what, `${done.join(' and ')} written; ${outcome.reason}`);
      if (outcome.kind !== 'done') return outcome;
      done.push(step.what);
    }
    return { kind: 'done', value: null };
  }

  /** PATCH changes only what it names; the PUT beside it would switch off what it does not carry. */
  async function patchFields(id: PsaContactId, fields: readonly Field[]): Promise<WriteOutcome<null>> {
    const reply = await client.write({
      method: 'PATCH',
      route: '/v2/crm/contacts/{id}',
      path: { id },
      body: fields.map(([name, value]) => ({ op: 'replace', path: `/${name}`, value })),
      contentType: 'application/json-patch+json',
    });
    const what = 'changing a contact';
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    return goOn(what, () => confirmed(id, fields, reply.value));
  }

  /** What a patch reaches is inferred from the body of the PUT beside it: the answer tells whether it did, else the contact itself. */
  async function confirmed(id: PsaContactId, fields: readonly Field[], answer: unknown): Promise<WriteOutcome<null>> {
    const what = 'changing a contact';
    const told = patchedSchema.safeParse(answer).data;
    if (told !== undefined && notKept(fields, told).length === 0) return { kind: 'done', value: null };
    const row = await loadRow(id);
    if (row === null) return unclear(what, 'the contact is not there any more');
    const left = notKept(fields, { ...row, isActive: row.isActive !== false });
    if (left.length === 0) return { kind: 'done', value: null };
    const still = left.includes('IsActive')
      ? `is still ${row.isActive === false ? 'inactive' : 'active'}`
      : `does not have it: ${left.join(', ')}`;
    const reason = `the request was taken, but the contact ${still}`;
    return left.length < fields.length ? unclear(what, reason) : refused(`${client.productName} (${what}): ${reason}`);
  }

  async function patchItems(id: PsaContactId, name: ItemName, changes: readonly ItemChange[]): Promise<WriteOutcome<null>> {
    const what = 'changing e-mails or phones';
    const route = `/v2/crm/contacts/{contactId}/${name === 'EmailAddress' ? 'emails' : 'phones'}`;
    const reply = await client.write({ method: 'PATCH', route, path: { contactId: id }, body: toOperations(name, changes) });
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    // The numbers of the operations are inferred: the counts show that they meant what they were sent for, else the contact does.
    const counts = itemsChangedSchema.safeParse(reply.value).data;
    const asAsked = { added: countOf(changes, 'add'), updated: countOf(changes, 'update'), deleted: countOf(changes, 'delete') };
    if (counts !== undefined && isDeepStrictEqual(counts, asAsked)) return { kind: 'done', value: null };
    return goOn(what, async () => {
      const row = await loadRow(id);
      const items = row === null ? null : itemsOf(row, name);
      return items !== null && areDone(changes, items)
        ? { kind: 'done', value: null }
        : unclear(what, 'neither the answer nor the contact shows what was asked for');
    });
  }

  function goOn(what: string, work: () => Promise<WriteOutcome<null>>): Promise<WriteOutcome<null>> {
    return afterWriting(work, (reason) => unclear(what, reason));
  }

  function itemsOf(row: ContactRow, name: ItemName): readonly Item[] {
    return name === 'EmailAddress' ? emailItems(row) : phoneItems(row, reader);
  }

  function unclear(what: string, reason: string): WriteOutcome<never> {
    return { kind: 'unknown', code: 'PSA_ANSWER_LOST', reason: `${client.productName} (${what}): ${reason}` };
  }

  return { createContact, completeContact, updateContact };
}

function patchedFields(patch: PsaContactPatch): readonly Field[] {
  const fields = [
    ['FirstName', patch.firstName],
    ['LastName', patch.lastName],
    ['JobTitle', patch.title],
    ['LocationId', patch.locationId === undefined ? undefined : Number(patch.locationId)],
    ['IsActive', patch.active],
  ] as const;
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** The names of the fields that are not as they were to become. */
function notKept(fields: readonly Field[], now: Patched): readonly string[] {
  const values: Readonly<Record<string, string | boolean | null | undefined>> = {
    FirstName: now.firstName,
    LastName: now.lastName,
    JobTitle: now.jobTitle,
    LocationId: now.locationId,
    IsActive: now.isActive,
  };
  return fields.flatMap(([name, wanted]) => (isSame(values[name] ?? null, wanted) ? [] : [name]));
}

function isSame(now: string | boolean | null, wanted: Field[1]): boolean {
  if (typeof now === 'boolean' || typeof wanted === 'boolean') return now === wanted;
  return sameValue(now, typeof wanted === 'number' ? String(wanted) : wanted);
}

function addsItems({ addEmails = [], addPhones = [] }: PsaContactPatch): boolean {
  return addEmails.length + addPhones.length > 0;
}

function countOf(changes: readonly ItemChange[], kind: ItemChange['kind']): number {
  return changes.filter((change) => change.kind === kind).length;
}
