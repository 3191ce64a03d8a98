import type { NamedType } from '../../../core/model/contact.ts';
import type { PsaTypes } from '../../../core/ports/psa.ts';
import { compareIds } from '../identity.ts';
import type { ConnectWiseClient } from './client.ts';
import { equalsText } from './conditions.ts';
import { readList } from './list.ts';
import { type CommunicationTypeRow, communicationTypeSchema, contactTypeSchema } from './schema.ts';
import type { TenantMemory } from './tenant.ts';

/** A type whose id the operator pinned; `name` is the type's name in the sync settings. */
export interface PinnedTypes {
  readonly email: NamedType | null;
  readonly phone: NamedType | null;
}

export interface TypeLookup {
  /** The tenant's types, each kind by id; pinned ones come first and win. */
  list(): Promise<PsaTypes>;
  /**
   * Whether the tenant compares text in conditions without regard to case, which is not published: a known name is asked for in the
   * other case, once for the process.
   */
  ignoresCase(): Promise<boolean>;
}

const path = '/company/communicationTypes';
const what = 'the list of communication types';

export function createTypeLookup(client: ConnectWiseClient, pinned: PinnedTypes, memory: TenantMemory): TypeLookup {
  let known: readonly CommunicationTypeRow[] = [];

  async function list(): Promise<PsaTypes> {
    known = await readList(client, { what, path, schema: communicationTypeSchema });
    const contact = await readList(client, {
      what: 'the list of contact types',
      path: '/company/contacts/types',
      schema: contactTypeSchema,
    });
    return {
      email: withPinned(
        known.filter((type) => type.emailFlag === true),
        pinned.email,
      ),
      phone: withPinned(
        known.filter((type) => type.phoneFlag === true),
        pinned.phone,
      ),
      contact: withPinned(contact, null),
    };
  }

  function ignoresCase(): Promise<boolean> {
    if (memory.ignoresCase === null) {
      const asked = learn();
      memory.ignoresCase = asked;
      asked.catch(() => {
        memory.ignoresCase = null;
      });
    }
    return memory.ignoresCase;
  }

  async function learn(): Promise<boolean> {
    if (known.length === 0) known = await readList(client, { what, path, schema: communicationTypeSchema });
    for (const { id, description } of known) {
      const other = otherCase(description ?? '');
      if (other === description || !/^[\w .-]+$/.test(other)) continue;
      const found = await readList(client, {
        what,
        path,
        schema: communicationTypeSchema,
        conditions: [equalsText('description', other)],
      });
      return found.some((type) => type.id === id);
    }
    // Nothing to learn by: the careful answer, which has whole lists read.
    return false;
  }

  return { list, ignoresCase };
}

function withPinned(rows: readonly { readonly id: string; readonly description: string | null }[], pin: NamedType | null): NamedType[] {
  const types = rows.flatMap(({ id, description }) => (description === null ? [] : [{ id, name: description }]));
  types.sort((a, b) => compareIds(a.id, b.id));
  if (pin === null) return types;
  return [pin, ...types.filter((type) => type.id !== pin.id && type.name.toLowerCase() !== pin.name.toLowerCase())];
}

function otherCase(text: string): string {
  const upper = text.toUpperCase();
  return upper === text ? text.toLowerCase() : upper;
}
