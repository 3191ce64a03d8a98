import type { Registry } from '../../hub/registry/registry.ts';
import { pruneAudit, readAudit } from './audit.ts';
import { heartbeat, join, listCollectors, revoke } from './collectors.ts';
import { bringBack, remove } from './deleted-collectors.ts';
import { invite, openInvitations } from './invitations.ts';
import { authenticate, knownHolder, rotateKey } from './keys.ts';
import type { Transactions } from './transactions.ts';

/** The registry over any database that kysely speaks to. */
export function sqlRegistry({ run, single, settled }: Transactions, close: () => Promise<void>): Registry {
  return {
    invite: (invitation, who, at) => run((tx) => invite(tx, invitation, who, at)),
    join: (machine, at, isReserved = () => false) => run((tx) => join(tx, machine, at, isReserved)),
    // Asked at every request, and hardly ever is there anything to be written.
    authenticate: async (key, at) => (await single((db) => knownHolder(db, key, at))) ?? run((tx) => authenticate(tx, key, at)),
    rotateKey: (collectorId, at) => run((tx) => rotateKey(tx, collectorId, at)),
    heartbeat: (collectorId, facts, at) => single((db) => heartbeat(db, collectorId, facts, at)),
    collectors: (organization) => single((db) => listCollectors(db, organization)),
    openInvitations: (organization, at) => run((tx) => openInvitations(tx, organization, at)),
    revoke: (collectorId, who, at) => run((tx) => revoke(tx, collectorId, who, at)),
    remove: (collectorId, who, at) => run((tx) => remove(tx, collectorId, who, at)),
    bringBack: (organization, name, who, at) => run((tx) => bringBack(tx, { organization, name }, who, at)),
    audit: (limit) => run((tx) => readAudit(tx, limit)),
    prune: (before) =>
      run(async (tx) => {
        await pruneAudit(tx, before);
        await tx.deleteFrom('invitation').where('expires_at', '<', before).execute();
        await tx.deleteFrom('collector_key').where('retired_at', '<', before).execute();
      }),
    close: async () => {
      await settled();
      await close();
    },
  };
}
