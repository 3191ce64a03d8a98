import type { Moment } from '../../../core/model/time.ts';
import { Redacted } from '../../secrets/redacted.ts';
import type { Vault } from '../../secrets/vault/open-vault.ts';
import type { EnrolmentAnswer } from '../protocol/messages.ts';
import { type HubIdentity, otherKeyName, readIdentity, writeIdentity } from './identity.ts';

export interface JoinPlaces {
  readonly stateDirectory: string;
  readonly vault: Pick<Vault, 'get' | 'set' | 'delete'>;
}

/**
 * Makes this machine the collector that the hub enrolled. The key is durable before the identity names it, and the identity takes its
 * place as a whole: whenever this is cut off, the machine is what it was before, or what it is to be.
 */
export async function joinAs(
  { stateDirectory, vault }: JoinPlaces,
  answer: EnrolmentAnswer,
  hub: { readonly url: string; readonly pinSha256: string; readonly at: Moment },
): Promise<HubIdentity> {
  const before = await readIdentity(stateDirectory).catch(() => null);
  const keyName = otherKeyName(before);
  await vault.set(keyName, new Redacted(answer.key));
  const identity: HubIdentity = {
    formatVersion: 1,
    url: hub.url,
    collector: answer.collector.id,
    name: answer.collector.name,
    organization: answer.collector.organization,
    pinSha256: hub.pinSha256,
    enrolledAt: hub.at,
    keyName,
    previousKeyName: null,
  };
  await writeIdentity(stateDirectory, identity);
  // What another hub gave is of no use any more.
  if (before !== null) await vault.delete(before.keyName).catch(() => undefined);
  return identity;
}

/**
 * Takes a new key into use that the hub gave. The one before it stays in the vault until the next change: the hub takes it until the new
 * one was used, and a hub that is restored from a backup may know only that one.
 */
export async function takeNewKey({ stateDirectory, vault }: JoinPlaces, identity: HubIdentity, key: string): Promise<HubIdentity> {
  const keyName = otherKeyName(identity);
  await vault.set(keyName, new Redacted(key));
  const next = { ...identity, keyName, previousKeyName: identity.keyName };
  await writeIdentity(stateDirectory, next);
  return next;
}

/** The keys to try, the one in use first. Throws what the vault throws of the one in use. */
export function keysOf(vault: Pick<Vault, 'get' | 'list'>, { keyName, previousKeyName }: HubIdentity): readonly Redacted[] {
  const hasPrevious = previousKeyName !== null && vault.list().some(({ name }) => name === previousKeyName);
  return [vault.get(keyName), ...(hasPrevious ? [vault.get(previousKeyName)] : [])];
}
