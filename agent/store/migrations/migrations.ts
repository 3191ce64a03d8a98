import type { Kysely } from 'kysely';
import type { StoreTables } from '../tables.ts';
import { firstLayout } from './0001-first-layout.ts';
import { runStory } from './0002-run-story.ts';
import { leavers } from './0003-leavers.ts';
import { changesAndAbsences } from './0004-changes-and-absences.ts';
import { twoWay } from './0005-two-way.ts';
import { writers } from './0006-writers.ts';
import { uploads } from './0007-uploads.ts';
import { collectors } from './0008-collectors.ts';
import { leases } from './0009-leases.ts';

/** One step of the store's layout. Steps are only added, never changed once released: files in the field have run them. */
export interface Migration {
  /** 1, 2, 3 … without gaps. */
  readonly id: number;
  readonly name: string;
  up(db: Kysely<StoreTables>): Promise<void>;
}

/** All steps in order. A list and not a folder that is read: the packaged program has no folder. */
export const migrations: readonly Migration[] = [
  { id: 1, name: 'first-layout', up: firstLayout },
  { id: 2, name: 'run-story', up: runStory },
  { id: 3, name: 'leavers', up: leavers },
  { id: 4, name: 'changes-and-absences', up: changesAndAbsences },
  { id: 5, name: 'two-way', up: twoWay },
  { id: 6, name: 'writers', up: writers },
  { id: 7, name: 'uploads', up: uploads },
  { id: 8, name: 'collectors', up: collectors },
  { id: 9, name: 'leases', up: leases },
];
