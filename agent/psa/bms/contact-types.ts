import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { NamedType } from '../../../core/model/contact.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { PsaTypes } from '../../../core/ports/psa.ts';
import type { HttpClock } from '../../http/http-clock.ts';
import type { BmsClient } from './client.ts';
import { listTypes, type SeenTypes } from './contact.ts';
import type { TenantMemory } from './memory.ts';
import { typeSchema } from './schema.ts';

/** A type whose id the operator pinned; `name` is the type's name in the sync settings. */
export interface PinnedTypes {
  readonly email: NamedType | null;
  readonly phone: NamedType | null;
}

type Kind = 'email' | 'phone';

/** The tables' names are not published; these follow the names of the API's own members. */
const tables: Readonly<Record<Kind, readonly string[]>> = {
  email: ['EmailType', 'EmailTypes', 'ContactEmailType'],
  phone: ['PhoneType', 'PhoneTypes', 'ContactPhoneType'],
};
const routes = ['/v2/system/tenantlookup/{tableName}', '/v2/system/lookup/{tableName}'];

/** A broken connection, or a proxy that does not connect now. */
const wayIsBroken: ReadonlySet<string> = new Set(['PSA_UNREACHABLE', 'HTTP_PROXY_UNREACHABLE', 'HTTP_PROXY_REFUSED']);

/** For so long it is not tried again which table has the types, or that none has; milliseconds. */
const tablesHoldMs = 3_600_000;

interface Known {
  readonly seen: SeenTypes;
  readonly memory: Pick<TenantMemory, 'typeTables'>;
  readonly clock: Pick<HttpClock, 'now'>;
}

/** Finds the tenant's e-mail and phone types: pinned first, then a look-up table, else what contacts show. */
export function createTypeLookup(client: BmsClient, pinned: PinnedTypes, { seen, memory, clock }: Known) {
  const asked = new Map<Kind, Promise<readonly NamedType[] | null>>();

  async function find(samples: readonly PsaContact[]): Promise<PsaTypes> {
    const shown = { email: new Map(seen.email), phone: new Map(seen.phone) };
    for (const contact of samples) {
      for (const item of contact.emails) if (item.typeId !== null && item.typeName !== null) shown.email.set(item.typeId, item.typeName);
      for (const item of contact.phones) if (item.typeId !== null && item.typeName !== null) shown.phone.set(item.typeId, item.typeName);
    }
    return { email: await findKind('email', shown.email), phone: await findKind('phone', shown.phone), contact: [] };
  }

  async function findKind(kind: Kind, shown: ReadonlyMap<string, string>): Promise<readonly NamedType[]> {
    const table = await lookUpOnce(kind, shown);
    const types = table ?? listTypes(shown);
    const pin = pinned[kind];
    if (pin === null) return types;
    return [pin, ...types.filter((type) => type.id !== pin.id && type.name.toLowerCase() !== pin.name.toLowerCase())];
  }

  /** What worked, and that nothing did, is remembered: names are tried once. */
  function lookUpOnce(kind: Kind, shown: ReadonlyMap<string, string>): Promise<readonly NamedType[] | null> {
    const before = asked.get(kind);
    if (before !== undefined) return before;
    const lookUp = tryTables(kind, shown);
    asked.set(kind, lookUp);
    lookUp.catch(() => asked.delete(kind));
    return lookUp;
  }

  async function tryTables(kind: Kind, shown: ReadonlyMap<string, string>): Promise<readonly NamedType[] | null> {
    const known = memory.typeTables.get(kind);
    const isFresh = known !== undefined && clock.now() >= known.triedAt && clock.now() - known.triedAt < tablesHoldMs;
    if (isFresh && known.table === null) return null;
    const all = tables[kind].flatMap((tableName) => routes.map((route) => ({ route, tableName })));
    for (const table of isFresh && known.table !== null ? [known.table, ...all] : all) {
      const types = await readTable(table.route, table.tableName);
      if (types === null || !agrees(types, shown)) continue;
      memory.typeTables.set(kind, { table, triedAt: clock.now() });
      return types.filter((type) => type.active).map(({ id, name }) => ({ id, name }));
    }
    memory.typeTables.set(kind, { table: null, triedAt: clock.now() });
    return null;
  }

  /** `null`: there is no such table, in whatever way the server says so. */
  async function readTable(route: string, tableName: string): Promise<readonly (NamedType & { readonly active: boolean })[] | null> {
    try {
      const read = { route, path: { tableName } };
      // A fault may be the server's way to say that it has no such table: not worth repeating. A broken connection says nothing.
      const reply = await client.ask({ ...read, attempts: 1 }).catch((error: unknown) => {
        if (error instanceof RollcallError && wayIsBroken.has(error.code)) return client.ask(read);
        throw error;
      });
      const rows = reply.kind === 'result' ? z.array(typeSchema).safeParse(reply.value).data : undefined;
      const types = (rows ?? []).flatMap((row) =>
        row.name === null ? [] : [{ id: row.id, name: row.name, active: row.isActive !== false }],
      );
      return types.length === 0 ? null : types;
    } catch (error) {
      if (error instanceof RollcallError && error.code === 'PSA_SERVER_ERROR') return null;
      throw error;
    }
  }

  return { find };
}

/** A table that names an id otherwise than contacts do is another table. */
function agrees(types: readonly NamedType[], shown: ReadonlyMap<string, string>): boolean {
  return types.every((type) => (shown.get(type.id) ?? type.name).trim().toLowerCase() === type.name.trim().toLowerCase());
}
