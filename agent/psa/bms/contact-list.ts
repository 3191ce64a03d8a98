import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { compareIds } from '../identity.ts';
import { parseMoment } from '../json.ts';
import type { BmsClient, QueryPairs } from './client.ts';
import { type ContactReader, toContact } from './contact.ts';
import type { TenantMemory } from './memory.ts';
import { type ContactRow, contactSchema } from './schema.ts';
import { readWholeList } from './whole-list.ts';

type Progress = Parameters<Psa['listContacts']>[1];

interface RowsRequest {
  /** `null`: of all companies. */
  readonly companyId: string | null;
  readonly filter: QueryPairs;
  readonly onProgress?: Progress;
  /** Looks at each page, the first being 1; what it throws ends the reading. */
  readonly onPage?: (rows: readonly ContactRow[], page: number, total: number | null) => void;
}

/** The API's list of contacts. */
export interface ContactList {
  readonly listContacts: Psa['listContacts'];
  /** All rows that the filter brings, whole (C11). */
  readRows(request: RowsRequest): Promise<readonly ContactRow[]>;
}

const pageSize = 100;
/** `CreatedOn` and `ModifiedOn` of one write are this near, in milliseconds. */
const sameWriteMs = 2_000;

/** What the rows of the list have shown about it. */
type Learned = Pick<TenantMemory, 'showsInactive' | 'countsCreation'>;

/** Makes the list; nothing is sent yet. */
export function createContactList(client: BmsClient, reader: ContactReader, memory: Learned): ContactList {
  async function listContacts(companyId: string, onProgress?: Progress): Promise<readonly PsaContact[]> {
    const listed = await readRows({ companyId, filter: [], onProgress });
    // Whether the plain list hides inactive contacts is not published: one inactive row in it shows that it does not.
    const hidden = memory.showsInactive === true ? [] : await readRows({ companyId, filter: [['Filter.IsActive', 'false']] });
    const all = new Map([...listed, ...hidden].map((row) => [row.id, row]));
    return [...all.values()].map((row) => toContact(reader, row)).sort((a, b) => compareIds(a.id, b.id));
  }

  async function readRows({ companyId, filter, onProgress, onPage }: RowsRequest): Promise<readonly ContactRow[]> {
    const what = 'listing contacts';
    const isPlain = !filter.some(([name]) => name === 'Filter.IsActive');
    return readWholeList<ContactRow>({
      productName: client.productName,
      what: companyId === null ? 'the list of changed contacts' : `the list of contacts of company ${companyId}`,
      idOf: (row) => row.id,
      onProgress,
      async readPage(page) {
        const query: QueryPairs = [
          ...(companyId === null ? [] : [['Filter.AccountId', companyId] as const]),
          ...filter,
          ['PageSize', String(pageSize)],
          ['PageNumber', String(page)],
        ];
        const reply = await client.get(what, { route: '/v2/crm/contacts/summary', query });
        const rows = client.parse(what, z.array(contactSchema), reply.value ?? []);
        if (companyId !== null && rows.some((row) => row.accountId !== companyId)) throw foreignRows(companyId);
        if (isPlain && rows.some((row) => row.isActive === false)) memory.showsInactive = true;
        for (const row of rows) learnFrom(row);
        onPage?.(rows, page, reply.total);
        return { rows, total: reply.total };
      },
    });
  }

  function learnFrom(row: ContactRow): void {
    const [created, modified] = [parseMoment(row.createdOn), parseMoment(row.modifiedOn)];
    if (created === null) return;
    if (modified === null) memory.countsCreation = false;
    else if (Math.abs(modified - created) < sameWriteMs) memory.countsCreation ??= true;
  }

  function foreignRows(companyId: string): RollcallError {
    return new RollcallError('PSA_ANSWER_INVALID', `${client.productName} answered with contacts of another company than ${companyId}.`, {
      place: { system: client.productName, company: companyId },
    });
  }

  return { listContacts, readRows };
}
