import type { DeletedFacts } from '../../../../core/ports/directory-examination.ts';
import { tombstonesVisible } from '../absence/deleted-objects.ts';
import { firstText, type LdapEntry } from '../entry-decoder.ts';
import type { RootEntry } from '../root-entry.ts';
import type { DirectorySession } from '../session.ts';
import type { VendorSchema } from '../vendor-schema.ts';
import { look } from './look.ts';

/** What a forest that says nothing keeps deleted objects for (MS-ADTS 6.1.1.2.4.1.1). */
const defaultLifetimeDays = 60;

export interface DeletedWords {
  readonly base: string;
  readonly configuration: string;
  readonly schema: VendorSchema;
  readonly root: RootEntry;
}

/** Reads whether deleted objects can be seen, how long they stay, and whether the recycle bin is on. */
export async function readDeleted(session: DirectorySession, { base, configuration, ...words }: DeletedWords): Promise<DeletedFacts> {
  const visible = (await tombstonesVisible(session, words)) === 'visible';
  const container = `CN=Deleted Objects,${base}`;
  const service = `CN=Directory Service,CN=Windows NT,CN=Services,${configuration}`;
  const lifetimes = await session.readOne(service, ['tombstoneLifetime', 'msDS-DeletedObjectLifetime'], 'the settings of the forest');
  const feature = await look(() =>
    session.readOne(`CN=Recycle Bin Feature,CN=Optional Features,${service}`, ['msDS-EnabledFeatureBL'], 'the recycle bin'),
  );
  const recycleBin = feature.ok ? firstText(feature.value, 'msDS-EnabledFeatureBL') !== null : null;
  const tombstone = daysOf(lifetimes, 'tombstoneLifetime') ?? defaultLifetimeDays;
  const bin = daysOf(lifetimes, 'msDS-DeletedObjectLifetime') ?? tombstone;
  return { visible, container, lifetimeDays: recycleBin === true ? bin : tombstone, recycleBin };
}

function daysOf(entry: LdapEntry, name: string): number | null {
  const text = firstText(entry, name);
  return text !== null && /^\d{1,7}$/.test(text) ? Number(text) : null;
}
