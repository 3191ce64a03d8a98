import type { Kysely } from 'kysely';
import type { Registering, RegistryTables } from './tables.ts';

/** How pieces of work on the registry become transactions. */
export interface Transactions {
  /** Does all of the work or nothing of it. The work may be done a second time when nothing of the first was kept. */
  readonly run: <Result>(work: (tx: Registering) => Promise<Result>) => Promise<Result>;
  /** Work that is one statement, and so a transaction by itself. It may be done twice. */
  readonly single: <Result>(work: (db: Registering) => Promise<Result>) => Promise<Result>;
  /** Resolves when nothing is under way. */
  readonly settled: () => Promise<unknown>;
}

/** One after the other: on one connection, what others do meanwhile would belong to the same transaction. */
export function oneByOne(db: Kysely<RegistryTables>): Transactions {
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }
  return {
    run: (work) => inTurn(() => db.transaction().execute(work)),
    single: (work) => inTurn(() => work(db)),
    settled: () => last,
  };
}
