import { hostname } from 'node:os';
import { type Kysely, sql, type Transaction } from 'kysely';
import { RollcallError } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { LeaseAnswer, LeaseHolder } from '../../../core/ports/lease.ts';
import { interruptRuns } from '../journal.ts';
import { interruptReads } from '../reads.ts';
import type { StoreTables } from '../tables.ts';
import { type DatabasePlace, placeInWords } from './database-place.ts';
import { HeldLease, type LeaseClock, machineClock } from './held-lease.ts';

/** How long a lease lasts that is not renewed, by the database's clock. */
const leaseMs = 30_000;
/** How often it is renewed. */
const renewEveryMs = 8_000;

/** How long it is waited for whoever is just writing under a lease: most transactions end within some milliseconds. */
const lockWaitMs = 2_000;

/** The database's clock, in milliseconds: those of several hubs need not agree. */
const databaseNow = sql<number>`(floor(extract(epoch from clock_timestamp()) * 1000))::bigint`;

export interface LeasesOptions {
  readonly db: Kysely<StoreTables>;
  readonly place: DatabasePlace;
  readonly writer: number;
  readonly clock?: LeaseClock;
}

/** The leases of one writer, and the fence that each of its writes passes. */
export class Leases {
  readonly #db: Kysely<StoreTables>;
  readonly #place: DatabasePlace;
  readonly #writer: number;
  readonly #clock: LeaseClock;
  readonly #held = new Map<OrganizationId, HeldLease>();
  #renewing: NodeJS.Timeout | null = null;

  constructor({ db, place, writer, clock = machineClock }: LeasesOptions) {
    this.#db = db;
    this.#place = place;
    this.#writer = writer;
    this.#clock = clock;
  }

  /**
   * Takes the lease when nobody has it, or when it has expired; what its last holder left running is ended in the same transaction,
   * for from then on he cannot write. One that somebody is just writing under is held, expired or not: a long transaction keeps its holder
   * from renewing it. Throws `INTERNAL` when this writer has it already.
   */
  async take(organization: OrganizationId, at: Moment): Promise<LeaseAnswer> {
    if (this.#held.has(organization)) {
      throw new RollcallError('INTERNAL', `Organization ${organization} was to be leased twice by one process.`);
    }
    const askedAt = this.#clock();
    const taking = this.#db.transaction().execute((tx) => this.#takeIn(tx, organization, at));
    const token = await taking.catch((error: unknown) => {
      if (isLockedByOther(error)) return null;
      throw error;
    });
    if (token === null) return { kind: 'held', by: await this.#holder(this.#db, organization) };
    const lease = new HeldLease({
      organization,
      token,
      lastsMs: leaseMs,
      askedAt,
      clock: this.#clock,
      renew: () => this.#renew(organization, token),
      giveBack: () => this.#giveBack(organization, token),
      words: placeInWords(this.#place),
    });
    this.#held.set(organization, lease);
    this.#keepRenewing();
    return { kind: 'granted', lease };
  }

  /**
   * Lets a transaction write about the organization: throws `STORE_LEASE_LOST` when its lease has gone to another meanwhile, and
   * `ORGANIZATION_BUSY` when it has none and another has. Until the transaction ends nobody takes the lease.
   */
  async fence(tx: Transaction<StoreTables>, organization: OrganizationId): Promise<void> {
    const held = this.#held.get(organization);
    const row = await this.#lockedRow(tx, organization);
    if (held !== undefined) {
      if (row?.token === held.token && row.writer_id === this.#writer) return;
      held.lose();
      throw held.lost();
    }
    if (row === null || row.writer_id === null || row.writer_id === this.#writer || row.expired) return;
    throw busy(organization, await this.#holder(tx, organization));
  }

  /** Gives back what is held. */
  async close(): Promise<void> {
    if (this.#renewing !== null) clearInterval(this.#renewing);
    this.#renewing = null;
    for (const lease of this.#held.values()) await lease.release();
  }

  async #takeIn(tx: Transaction<StoreTables>, organization: OrganizationId, at: Moment): Promise<number | null> {
    await sql`set local lock_timeout = ${sql.lit(lockWaitMs)}`.execute(tx);
    await this.#makeRow(tx, organization);
    const before = await tx.selectFrom('lease').selectAll().where('organization', '=', organization).forUpdate().executeTakeFirstOrThrow();
    const taken = await tx
      .updateTable('lease')
      .set((eb) => ({ token: eb('token', '+', 1), writer_id: this.#writer, expires_at: sql<number>`${databaseNow} + ${sql.lit(leaseMs)}` }))
      .where('organization', '=', organization)
      .where((eb) => eb.or([eb('writer_id', 'is', null), eb('writer_id', '=', this.#writer), eb('expires_at', '<', databaseNow)]))
      .returning('token')
      .executeTakeFirst();
    if (taken === undefined) return null;
    if (before.writer_id !== null && before.writer_id !== this.#writer) {
      await interruptReads(tx, at, { organization, notWriter: this.#writer });
      await interruptRuns(tx, at, { organization, notWriter: this.#writer });
    }
    return taken.token;
  }

  /** The row must be there to be locked. */
  async #makeRow(tx: Transaction<StoreTables>, organization: OrganizationId): Promise<void> {
    await tx
      .insertInto('lease')
      .values({ organization, token: 0, writer_id: null, expires_at: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async #lockedRow(
    tx: Transaction<StoreTables>,
    organization: OrganizationId,
  ): Promise<{ readonly token: number; readonly writer_id: number | null; readonly expired: boolean } | null> {
    const row = (): Promise<{ token: number; writer_id: number | null; expired: boolean } | undefined> =>
      tx
        .selectFrom('lease')
        .select((eb) => ['token', 'writer_id', eb('expires_at', '<', databaseNow).$castTo<boolean>().as('expired')])
        .where('organization', '=', organization)
        .forShare()
        .executeTakeFirst();
    const found = await row();
    if (found !== undefined) return found;
    await this.#makeRow(tx, organization);
    return (await row()) ?? null;
  }

  async #holder(db: Kysely<StoreTables>, organization: OrganizationId): Promise<LeaseHolder> {
    const row = await db
      .selectFrom('lease')
      .leftJoin('writer', 'writer.id', 'lease.writer_id')
      .select(['lease.expires_at', 'writer.host', 'writer.pid', 'writer.command'])
      .where('lease.organization', '=', organization)
      .executeTakeFirst();
    // Its writer has ended since, and with him who he was.
    return { host: row?.host ?? 'unknown', process: row?.pid ?? 0, command: row?.command ?? 'rollcall', until: row?.expires_at ?? 0 };
  }

  async #renew(organization: OrganizationId, token: number): Promise<boolean> {
    const renewed = await this.#db
      .updateTable('lease')
      .set({ expires_at: sql<number>`${databaseNow} + ${sql.lit(leaseMs)}` })
      .where('organization', '=', organization)
      .where('token', '=', token)
      .where('writer_id', '=', this.#writer)
      .executeTakeFirst();
    return renewed.numUpdatedRows === 1n;
  }

  async #giveBack(organization: OrganizationId, token: number): Promise<void> {
    this.#held.delete(organization);
    if (this.#held.size === 0 && this.#renewing !== null) {
      clearInterval(this.#renewing);
      this.#renewing = null;
    }
    await this.#db
      .updateTable('lease')
      .set({ writer_id: null, expires_at: 0 })
      .where('organization', '=', organization)
      .where('token', '=', token)
      .where('writer_id', '=', this.#writer)
      .execute();
  }

  #keepRenewing(): void {
    this.#renewing ??= setInterval(() => {
      for (const lease of this.#held.values()) void lease.keep();
    }, renewEveryMs).unref();
  }
}

/** Ends the leases of a writer that is gone, where it is certain that its process is: it was on this machine, and is not there any more. */
export async function endLeases(
  tx: Transaction<StoreTables>,
  { id, host, pid }: { readonly id: number; readonly host: string; readonly pid: number },
): Promise<void> {
  if (host !== hostname() || isAlive(pid)) return;
  await tx.updateTable('lease').set({ expires_at: 0 }).where('writer_id', '=', id).execute();
}

function isLockedByOther(error: unknown): boolean {
  return error instanceof RollcallError && error.place['sqlState'] === '55P03';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function busy(organization: OrganizationId, { host, process, command, until }: LeaseHolder): RollcallError {
  return new RollcallError(
    'ORGANIZATION_BUSY',
    `Organization ${organization} is being worked on by "${command}" (process ${process} on ${host}).`,
    {
      place: { organization, host, process, until: new Date(until).toISOString() },
    },
  );
}
