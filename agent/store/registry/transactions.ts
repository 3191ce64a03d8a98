import type { Kysely } from 'kysely';
import type { Registering, RegistryTables } from './tables.ts';

/** How pieces of work on the registry become transactions. */
export interface Transactions {
  /** Does all of the work or nothing of it. The work may be done a second time when nothing of the first was kept. */
  readonly run: <Result>(work: (tx: Registering) => Promise<Result>) => Promise<Result>;
  /** Resolves when nothing is under way. */
  readonly settled: () => Promise<unknown>;
}

/** One after the other: on one connection, what others do meanwhile would belong to the same transaction. */
export function oneByOne(db: Kysely<RegistryTables>): Transactions {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(work) {
      const done = last.then(() => db.transaction().execute(work));
      last = done.catch(() => undefined);
      return done;
    },
    settled: () => last,
  };
}
