import type { Registry } from '../../hub/registry/registry.ts';
import { pruneAudit, readAudit } from './audit.ts';
import { heartbeat, join, listCollectors, revoke } from './collectors.ts';
import { bringBack, remove } from './deleted-collectors.ts';
import { invite, openInvitations } from './invitations.ts';
import { authenticate, rotateKey } from './keys.ts';
import type { Transactions } from './transactions.ts';

/** The registry over any database that kysely speaks to. */
export function sqlRegistry({ run, settled }: Transactions, close: () => Promise<void>): Registry {
  return {
    invite: (invitation, who, at) => run((tx) => invite(tx, invitation, who, at)),
    join: (machine, at, isReserved = () => false) => run((tx) => join(tx, machine, at, isReserved)),
    authenticate: (key, at) => run((tx) => authenticate(tx, key, at)),
    rotateKey: (collectorId, at) => run((tx) => rotateKey(tx, collectorId, at)),
    heartbeat: (collectorId, facts, at) => run((tx) => heartbeat(tx, collectorId, facts, at)),
    collectors: (organization) => run((tx) => listCollectors(tx, organization)),
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
