import type { DirectoryEntry } from '../../../../core/model/directory-user.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';
import type { ActiveDirectoryConfig } from '../config.ts';
import type { Checkpoint } from './checkpoint.ts';

/** What a read of changes is told. */
export interface ChangesRead {
  readonly config: ActiveDirectoryConfig;
  /** The operator's. */
  readonly filter: LdapFilter | null;
  readonly onPage: (entries: readonly DirectoryEntry[]) => Promise<void>;
  readonly checkpoint: Checkpoint;
  /** Ids of users to bring although nothing of them changed. */
  readonly recheck: readonly string[];
}
