import { z } from 'zod';
import { wireId } from '../json.ts';
import type { AutotaskClient } from './client.ts';
import type { TenantMemory } from './memory.ts';
import { pageSchema } from './schema.ts';

const sampleSchema = z.object({
  id: z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String),
  emailAddress: z.string().nullish(),
});
const what = 'learning how texts are compared';
const path = '/Contacts/query';
const includeFields = ['id', 'emailAddress'];

/**
 * Whether a search for a text finds it in any case, which is not published: any contact with an e-mail is looked for by its id and its
 * e-mail in the other case. Two requests, once, that save reading whole lists. Not learned (nobody has an e-mail) counts as no.
 */
export async function ignoresCase(client: AutotaskClient, memory: TenantMemory): Promise<boolean> {
  memory.ignoresCase ??= await learn(client);
  return memory.ignoresCase ?? false;
}

async function learn(client: AutotaskClient): Promise<boolean | null> {
  const [sample] = await rows(client, [{ op: 'contains', field: 'emailAddress', value: '@' }]);
  const email = sample?.emailAddress ?? '';
  const other = email === email.toUpperCase() ? email.toLowerCase() : email.toUpperCase();
  if (sample === undefined || other === email) return null;
  const found = await rows(client, [
    { op: 'eq', field: 'id', value: wireId(sample.id) },
    { op: 'eq', field: 'emailAddress', value: other },
  ]);
  return found.length > 0;
}

async function rows(client: AutotaskClient, filter: readonly object[]): Promise<readonly z.output<typeof sampleSchema>[]> {
  const reply = await client.get(what, { path, body: { maxRecords: 1, includeFields, filter } });
  const { items } = client.parse(what, pageSchema, reply.value);
  return items.map((item) => client.parse(what, sampleSchema, item));
}
