import { canonicalDn, isWithin } from '../../../../core/active-directory/distinguished-name.ts';
import type { ChangedObject } from './changed-object.ts';
import type { Checkpoint } from './checkpoint.ts';
import { domainPolicyAttributes } from './watched-changes.ts';

/** Where Active Directory keeps fine-grained password policies, below the domain's root. */
export const policyContainer = 'CN=Password Settings Container,CN=System';

/**
 * Tells why an object that is no user and has changed makes everything be read: it bears on users of whom nothing is told. `null`: it
 * does not. `isNew`: it was created since; what was moved into it afterwards is told by itself.
 */
export function judgeStructure(
  object: ChangedObject,
  checkpoint: Pick<Checkpoint, 'domainRoot' | 'groupIds' | 'anyGroup'>,
  { isNew }: { readonly isNew: boolean },
): string | null {
  const { domainRoot } = checkpoint;
  if (canonicalDn(object.dn) === canonicalDn(domainRoot)) {
    const names = new Set<string>(domainPolicyAttributes.map((name) => name.toLowerCase()));
    return [...object.attributes].some((name) => names.has(name)) ? "the domain's password policy has changed" : null;
  }
  if (isWithin(object.dn, `${policyContainer},${domainRoot}`) || object.attributes.has('msds-psoappliesto')) {
    return 'a fine-grained password policy has changed';
  }
  const isNamed = object.id !== null && checkpoint.groupIds.includes(object.id);
  if (isNamed || (checkpoint.anyGroup && object.attributes.has('member'))) {
    return 'the members of a group that the settings name, or of one within it, have changed';
  }
  // No user lives below CN=System; group policies come and go there.
  if (isNew || object.isDeleted || isWithin(object.dn, `CN=System,${domainRoot}`)) return null;
  return object.attributes.has('name') ? 'an organizational unit, a container or a group was renamed or moved' : null;
}
