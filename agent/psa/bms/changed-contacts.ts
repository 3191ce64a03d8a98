import type { PsaContact } from '../../../core/model/psa-contact.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { compareIds } from '../identity.ts';
import { parseMoment } from '../json.ts';
import type { QueryPairs } from './client.ts';
import { type ContactReader, changedAt, toContact } from './contact.ts';
import type { ContactList } from './contact-list.ts';
import type { TenantMemory } from './memory.ts';
import type { ContactRow } from './schema.ts';

const hourMs = 3_600_000;
/** How far apart the moments of filters and of rows may be, when one is in UTC and the other in the zone of tenant or server. */
const widestSkewMs = 26 * hourMs;
/** A filter that looks at the date alone brings the rest of the day before. */
const dayMs = 24 * hourMs;
/** More changes than this are better read by a list of everything. */
const mostRows = 5_000;
const mostPages = 50;

/** The answer shows that the filter was not applied, or would be too long to read. */
class NotTold extends Error {
  readonly isForGood: boolean;

  constructor(isForGood: boolean) {
    super('the filter by date was not applied');
    this.isForGood = isForGood;
  }
}

type Learned = Pick<TenantMemory, 'tokens' | 'showsInactive' | 'countsCreation' | 'comparesAsShown'>;

/**
 * The port's `listChangedContacts`. That `Filter.ModifiedOnFrom` exists is published, what it compares is not: so it is asked from more than a
 * day earlier, until one more request has shown that the newest row is brought by its own moment. What is too old is left out here, by
 * the moments that the rows themselves show. Rows that are clearly older than asked for show that the filter is ignored: `null`, for good.
 */
export function createChangedContacts(list: ContactList, reader: ContactReader, memory: Learned): Psa['listChangedContacts'] {
  let isIgnored = false;

  async function listChangedContacts(companyId: string | null, since: Moment): Promise<readonly PsaContact[] | null> {
    if (isIgnored) return null;
    // A look at all companies costs two requests at most; where it has to sign in first, that is one of them (P9).
    const more = companyId === null ? Number(memory.tokens !== null) : 2;
    try {
      const from = memory.comparesAsShown === true ? wholeSecond(since) : since - widestSkewMs;
      const rows = await readModified(companyId, from);
      // A contact that was created only may have no moment of change.
      const asksCreated = more > 0 && memory.countsCreation !== true;
      const created = asksCreated ? await read(companyId, 'CreatedOn', from, []) : [];
      if (more > (asksCreated ? 1 : 0)) memory.comparesAsShown ??= await learn(companyId, rows);
      const changed = [...rows, ...created].filter((row) => (changedAt(row) ?? since) >= wholeSecond(since));
      const contacts = new Map(changed.map((row) => [row.id, toContact(reader, row)]));
      return [...contacts.values()].sort((a, b) => compareIds(a.id, b.id));
    } catch (error) {
      if (!(error instanceof NotTold)) throw error;
      isIgnored = error.isForGood;
      return null;
    }
  }

  /** Of one company with its inactive contacts; whether the plain list hides them is not published. */
  async function readModified(companyId: string | null, from: Moment): Promise<readonly ContactRow[]> {
    const rows = await read(companyId, 'ModifiedOn', from, []);
    if (companyId === null || memory.showsInactive === true) return rows;
    return [...rows, ...(await read(companyId, 'ModifiedOn', from, [['Filter.IsActive', 'false']]))];
  }

  /** `null`: there is no row to tell by. */
  async function learn(companyId: string | null, rows: readonly ContactRow[]): Promise<boolean | null> {
    const active = rows.filter((row) => row.isActive !== false && parseMoment(row.modifiedOn) !== null);
    const newest = active.reduce<ContactRow | null>((best, row) => (isLater(row, best) ? row : best), null);
    const at = parseMoment(newest?.modifiedOn ?? null);
    if (newest === null || at === null) return null;
    return (await read(companyId, 'ModifiedOn', at, [])).some((row) => row.id === newest.id);
  }

  function read(companyId: string | null, moment: 'ModifiedOn' | 'CreatedOn', from: Moment, more: QueryPairs) {
    return list.readRows({
      companyId,
      filter: [[`Filter.${moment}From`, new Date(from).toISOString()], ...more],
      onPage(rows, page, total) {
        const at = (row: ContactRow) => parseMoment(moment === 'ModifiedOn' ? row.modifiedOn : row.createdOn);
        if (rows.some((row) => (at(row) ?? from) < from - widestSkewMs - dayMs)) throw new NotTold(true);
        if ((total ?? 0) > mostRows || page > mostPages) throw new NotTold(false);
      },
    });
  }

  return listChangedContacts;
}

/** The PSA may show moments in whole seconds: a change within the second is told as one at its beginning. */
function wholeSecond(moment: Moment): Moment {
  return Math.floor(moment / 1_000) * 1_000;
}

function isLater(row: ContactRow, other: ContactRow | null): boolean {
  return other === null || (parseMoment(row.modifiedOn) ?? 0) > (parseMoment(other.modifiedOn) ?? 0);
}
