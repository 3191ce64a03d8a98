import type { Kysely } from 'kysely';
import type { Registry } from '../../hub/registry/registry.ts';
import { pruneAudit, readAudit } from './audit.ts';
import { heartbeat, join, listCollectors, revoke } from './collectors.ts';
import { invite, openInvitations } from './invitations.ts';
import { authenticate, rotateKey } from './keys.ts';
import type { Registering, RegistryTables } from './tables.ts';

/** The registry over any database that kysely speaks to. */
export function sqlRegistry(db: Kysely<RegistryTables>, close: () => Promise<void>): Registry {
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: on one connection, what others do meanwhile would belong to the same transaction. */
  function inTurn<Result>(work: (tx: Registering) => Promise<Result>): Promise<Result> {
    const done = last.then(() => db.transaction().execute(work));
    last = done.catch(() => undefined);
    return done;
  }
  return {
    invite: (invitation, who, at) => inTurn((tx) => invite(tx, invitation, who, at)),
    join: (machine, at, isReserved = () => false) => inTurn((tx) => join(tx, machine, at, isReserved)),
    authenticate: (key, at) => inTurn((tx) => authenticate(tx, key, at)),
    rotateKey: (collectorId, at) => inTurn((tx) => rotateKey(tx, collectorId, at)),
    heartbeat: (collectorId, facts, at) => inTurn((tx) => heartbeat(tx, collectorId, facts, at)),
    collectors: (organization) => inTurn((tx) => listCollectors(tx, organization)),
    openInvitations: (organization, at) => inTurn((tx) => openInvitations(tx, organization, at)),
    revoke: (collectorId, who, at) => inTurn((tx) => revoke(tx, collectorId, who, at)),
    audit: (limit) => inTurn((tx) => readAudit(tx, limit)),
    prune: (before) =>
      inTurn(async (tx) => {
        await pruneAudit(tx, before);
        await tx.deleteFrom('invitation').where('expires_at', '<', before).execute();
        await tx.deleteFrom('collector_key').where('retired_at', '<', before).execute();
      }),
    close: async () => {
      await last;
      await close();
    },
  };
}
