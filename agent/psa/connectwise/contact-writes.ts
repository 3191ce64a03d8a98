import { type PsaContactId, psaContactId } from '../../../core/model/ids.ts';
import type { PsaContactInput } from '../../../core/model/psa-contact.ts';
import type { Psa, PsaContactPatch } from '../../../core/ports/psa.ts';
import type { WriteOutcome } from '../../../core/ports/write-outcome.ts';
import { afterWriting } from '../after-write.ts';
import { isId } from '../identity.ts';
import type { ConnectWiseClient } from './client.ts';
import type { ContactReader } from './contact.ts';
import { type ContactPlan, planPatch } from './contact-patch.ts';
import { refused, unclear } from './errors.ts';
import { customField, type KeyPlace } from './external-key.ts';
import { sentEmail, sentPhone } from './item-patch.ts';
import { unacceptable } from './limits.ts';
import { type ContactRow, contactSchema, createdSchema } from './schema.ts';

type ContactWrites = Pick<Psa, 'createContact' | 'completeContact' | 'updateContact'>;

interface ContactWriteOptions {
  readonly client: ConnectWiseClient;
  readonly reader: ContactReader;
  /** Reads the contact before it is changed, for the positions of its items. */
  readonly loadRow: (id: string) => Promise<ContactRow | null>;
}

/** How often a patch is sent: what the PSA took and did not keep is sent once more. */
const rounds = 2;
const untyped = 'an e-mail or phone has no type of the PSA';
const path = '/company/contacts';

/** The contact writes of the port. */
export function createContactWrites({ client, reader, loadRow }: ContactWriteOptions): ContactWrites {
  const { keyPlace } = reader;
  let keyFieldId: Promise<number | null> | null = null;

  /** One request with everything; `ignoreDuplicates` is never sent, so a tenant that refuses duplicates says so. */
  async function createContact(input: PsaContactInput): Promise<WriteOutcome<PsaContactId>> {
    const what = 'creating a contact';
    const reason = unacceptable(input) ?? (isId(input.companyId) ? null : 'the company is missing');
    if (reason !== null) return refused(what, reason);
    if ([...input.emails, ...input.phones].some((item) => !isId(item.typeId))) return refused(what, untyped);
    const key = await keyMembers(input.externalKey);
    if (key === null) return refused(what, `contacts have no custom field "${settingOf()}" (psa.externalKeyField)`);

    const items = [...input.emails.map(sentEmail), ...input.phones.map(sentPhone)];
    const reply = await client.write(what, {
      method: 'POST',
      path,
      body: {
        firstName: input.firstName.trim(),
        ...(input.lastName === null ? {} : { lastName: input.lastName.trim() }),
        ...(input.title === null ? {} : { title: input.title.trim() }),
        company: { id: Number(input.companyId) },
        ...(input.locationId === null ? {} : { site: { id: Number(input.locationId) } }),
        ...(items.length === 0 ? {} : { communicationItems: items }),
        ...(input.contactTypeId === null ? {} : { typeIds: [Number(input.contactTypeId)] }),
        ...key,
      },
    });
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    const created = createdSchema.safeParse(reply.value);
    return created.success && created.data.id !== '0'
      ? { kind: 'done', value: psaContactId(created.data.id) }
      : unclear(what, 'the answer has no id');
  }

  /** A create carries everything: nothing is left for a second call. */
  function completeContact(): Promise<WriteOutcome<null>> {
    return Promise.resolve({ kind: 'done', value: null });
  }

  /**
   * Reads, patches what differs, and plans again on the answer: done is only what the PSA then has so. What it took but did not keep
   * (the default flag of a first item) is sent once more.
   */
  async function updateContact(id: PsaContactId, patch: PsaContactPatch): Promise<WriteOutcome<null>> {
    const what = 'changing a contact';
    if (namesNothing(patch, keyPlace)) return { kind: 'done', value: null };
    const reason = unacceptable(patch);
    if (reason !== null) return refused(what, reason);
    const row = await loadRow(id);
    if (row === null) return refused(what, 'there is no such contact');
    if (patch.externalKey !== undefined && keyPlace.kind === 'custom' && customField(row, keyPlace.caption) === undefined) {
      return refused(what, `contacts have no custom field "${keyPlace.caption}" (psa.externalKeyField)`);
    }

    const plan = plannedOn(row, patch);
    if (plan.untyped) return refused(what, untyped);
    if (plan.operations.length === 0) return { kind: 'done', value: null };
    const reply = await sendPlan(id, plan);
    if (reply.kind !== 'result') return client.writeOutcome(what, reply);
    return afterWriting(
      () => finished(id, patch, { asked: plan, answer: reply.value }),
      (reason) => unclear(what, reason),
    );
  }

  /** Something was written: plans on what the PSA has now, and sends what is left of it. */
  async function finished(
    id: PsaContactId,
    patch: PsaContactPatch,
    { asked, answer: first }: { readonly asked: ContactPlan; readonly answer: unknown },
  ): Promise<WriteOutcome<null>> {
    const what = 'changing a contact';
    let plan = asked;
    let answer = first;
    for (let round = 1; ; round += 1) {
      const row = await rowAfter(id, answer);
      if (row === null) return unclear(what, 'the contact is not there any more');
      const after = new Set((row.communicationItems ?? []).map((item) => item.id));
      if (plan.keptItems.some((item) => !after.has(item))) return unclear(what, 'an e-mail or phone is gone that was to stay');
      plan = plannedOn(row, patch);
      if (plan.operations.length === 0) return { kind: 'done', value: null };
      if (round === rounds) return leftOver(what, asked, plan);
      const reply = await sendPlan(id, plan);
      if (reply.kind !== 'result') return unclear(what, `written in part; ${client.readError(what, reply).message}`);
      answer = reply.value;
    }
  }

  function sendPlan(id: PsaContactId, { operations }: ContactPlan) {
    return client.write('changing a contact', { method: 'PATCH', path: `${path}/${id}`, body: operations });
  }

  function plannedOn(row: ContactRow, patch: PsaContactPatch): ContactPlan {
    return planPatch(row, patch, { parsePhone: reader.parsePhone, keyPlace });
  }

  /** A patch answers with the whole contact; where it does not, the contact is read. */
  async function rowAfter(id: PsaContactId, answer: unknown): Promise<ContactRow | null> {
    const told = contactSchema.safeParse(answer);
    return told.success && told.data.id === id ? told.data : loadRow(id);
  }

  /** What the key is written into; `null`: there is no such field. Nothing where there is no key, or no contact yet to learn from. */
  async function keyMembers(key: string | null): Promise<Readonly<Record<string, unknown>> | null> {
    if (key === null || keyPlace.kind === 'none') return {};
    if (keyPlace.kind === 'user-defined') return { [keyPlace.field]: key };
    const { caption } = keyPlace;
    keyFieldId ??= learnKeyField(caption);
    const id = await keyFieldId.catch((error: unknown) => {
      keyFieldId = null;
      throw error;
    });
    if (id === null) keyFieldId = null;
    if (id === null) return null;
    return id === 0 ? {} : { customFields: [{ id, value: key }] };
  }

  /** The custom field's id, as any contact shows it; 0: the tenant has no contact yet, `null`: contacts lack it. */
  async function learnKeyField(caption: string): Promise<number | null> {
    const what = 'looking for the custom field of the key';
    const reply = await client.get(what, { path, query: { orderBy: 'id', pageSize: '1' } });
    const row = client.parse(what, contactSchema.array(), reply.value)[0];
    if (row === undefined) return 0;
    const id = customField(row, caption)?.['id'];
    return typeof id === 'number' ? id : null;
  }

  function settingOf(): string {
    return keyPlace.kind === 'custom' ? keyPlace.caption : '';
  }

  return { createContact, completeContact, updateContact };
}

/** Without a place for it, a key is nothing either. */
function namesNothing({ addEmails = [], addPhones = [], externalKey, ...rest }: PsaContactPatch, keyPlace: KeyPlace): boolean {
  const hasKey = externalKey !== undefined && keyPlace.kind !== 'none';
  return addEmails.length + addPhones.length === 0 && !hasKey && Object.values(rest).every((value) => value === undefined);
}

/** The PSA took the request and has something else: refused where nothing of it was kept, else not clear. */
function leftOver(what: string, asked: ContactPlan, left: ContactPlan): WriteOutcome<null> {
  const reason = `the request was taken, but not kept: ${left.parts.join(', ')}`;
  return asked.parts.every((part) => left.parts.includes(part)) ? refused(what, reason) : unclear(what, reason);
}
