import { userAttributes } from '../../../../core/active-directory/user-attributes.ts';
import type { LdapFilter } from '../../filter/parse-filter.ts';

function hasClass(value: string): LdapFilter {
  return { kind: 'equal', attribute: 'objectClass', value };
}

/** Users that are people or were: a deleted one has lost its objectCategory and its sAMAccountType, the class stays. */
export const changedPeople: LdapFilter = { kind: 'and', parts: [hasClass('user'), { kind: 'not', part: hasClass('computer') }] };

/** What has a bearing on many users at once, and is not told with them. */
export function changedStructure(words: { readonly groups: boolean; readonly domain: boolean }): LdapFilter {
  const classes = ['organizationalUnit', 'container', 'msDS-PasswordSettings'];
  return { kind: 'or', parts: [...classes, ...(words.groups ? ['group'] : []), ...(words.domain ? ['domainDNS'] : [])].map(hasClass) };
}

/** Attributes that are worked out when they are asked for, or belong to one controller alone: DirSync does not know them. */
const untold: ReadonlySet<string> = new Set(
  ['msDS-User-Account-Control-Computed', 'msDS-UserPasswordExpiryTimeComputed', 'lastLogon'].map((name) => name.toLowerCase()),
);

/**
 * Attributes of a user of which a change is one for us: all that are read, what the operator's filter asks for, the name (a move
 * tells it too), the primary group, and what a lockout writes.
 */
export function peopleAttributes(filterAttributes: Iterable<string>): readonly string[] {
  const names = new Map<string, string>();
  const told = [
    'isDeleted',
    'lastKnownParent',
    'name',
    'primaryGroupID',
    'lockoutTime',
    'sAMAccountType',
    ...userAttributes,
    ...filterAttributes,
  ];
  for (const name of told) if (!untold.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  return [...names.values()];
}

/** Of the domain: what decides when passwords expire and accounts lock. */
export const domainPolicyAttributes = ['maxPwdAge', 'lockoutDuration', 'lockoutThreshold', 'lockOutObservationWindow'] as const;

const fineGrainedPolicyAttributes = [
  'msDS-MaximumPasswordAge',
  'msDS-LockoutDuration',
  'msDS-LockoutThreshold',
  'msDS-LockoutObservationWindow',
  'msDS-PSOAppliesTo',
  'msDS-PasswordSettingsPrecedence',
] as const;

/** `objectClass` comes with objects that are new. */
export const structureAttributes: readonly string[] = [
  'objectGUID',
  'objectClass',
  'name',
  'isDeleted',
  'lastKnownParent',
  'member',
  ...domainPolicyAttributes,
  ...fineGrainedPolicyAttributes,
];

/** By number all values come, not only those that changed: of the members one will do, for groups of all sizes may have changed. */
export const structureByNumber: readonly string[] = structureAttributes.map((name) => (name === 'member' ? 'member;range=0-0' : name));
