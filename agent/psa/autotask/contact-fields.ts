import type { LongestTexts } from '../../../core/ports/psa.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import type { AutotaskClient } from './client.ts';
import type { FieldFacts, TenantMemory } from './memory.ts';
import { emailFields, phoneFields, usualLongest } from './products.ts';
import { fieldsSchema } from './schema.ts';

/** What the tenant tells of the fields of its contacts; asked once in 12 hours. */
export interface ContactFields {
  /** Reads them unless they are known. A tenant that does not tell is taken for a usual one. */
  load(): Promise<void>;
  /** Reads them anew. Throws what the request means: it shows that the credentials are good. */
  check(): Promise<void>;
  /** Whether the field can be searched; asks for the fields first. */
  isQueryable(name: string): Promise<boolean>;
  /** The shortest of what is usual and what is known of the tenant by now. */
  longest(): LongestTexts;
}

const keptMs = 12 * 3_600_000;
const what = 'reading the fields of contacts';

export function createContactFields(client: AutotaskClient, memory: TenantMemory, clock: Pick<HttpClock, 'now'>): ContactFields {
  async function read(): Promise<Awaited<ReturnType<AutotaskClient['ask']>>> {
    const reply = await client.ask({ path: '/Contacts/entityInformation/fields' });
    const told = reply.kind === 'result' ? fieldsSchema.safeParse(reply.value).data : undefined;
    const byName =
      told === undefined || told.fields.length === 0
        ? null
        : new Map(told.fields.map((field) => [field.name.toLowerCase(), factsOf(field)]));
    memory.fields = { byName, readAt: clock.now() };
    return reply;
  }

  async function load(): Promise<void> {
    if (memory.fields !== null && clock.now() - memory.fields.readAt < keptMs) return;
    const reply = await read();
    // What a tenant may refuse to tell is its fields, not whether the user may come in.
    if (reply.kind === 'failure' && ['unauthorized', 'threads', 'limited'].includes(reply.class)) throw client.readError(what, reply);
  }

  async function check(): Promise<void> {
    const reply = await read();
    if (reply.kind !== 'result') throw client.readError(what, reply);
    client.parse(what, fieldsSchema, reply.value);
  }

  async function isQueryable(name: string): Promise<boolean> {
    await load();
    const byName = memory.fields?.byName ?? null;
    return byName === null || byName.get(name.toLowerCase())?.queryable === true;
  }

  function longest(): LongestTexts {
    const shortest = (usual: number | null, names: readonly string[]): number | null => {
      const told = names.map((name) => memory.fields?.byName?.get(name.toLowerCase())?.length ?? null);
      const known = [usual, ...told].filter((length) => length !== null);
      return known.length === 0 ? null : Math.min(...known);
    };
    return {
      firstName: shortest(usualLongest.firstName, ['firstName']),
      lastName: shortest(usualLongest.lastName, ['lastName']),
      title: shortest(usualLongest.title, ['title']),
      email: shortest(
        usualLongest.email,
        emailFields.map(({ id }) => id),
      ),
      phone: shortest(
        usualLongest.phone,
        phoneFields.map(({ id }) => id),
      ),
      extension: shortest(usualLongest.extension, ['extension']),
    };
  }

  return { load, check, isQueryable, longest };
}

function factsOf(field: { readonly length?: number | null | undefined; readonly isQueryable?: boolean | null | undefined }): FieldFacts {
  const length = field.length ?? 0;
  return { length: length > 0 ? length : null, queryable: field.isQueryable !== false };
}
