import { type DirectoryStep, dnLine, sambaBase } from './samba-directory.ts';

/** Text, or bytes that go into the LDIF as base64. */
type LdifValue = string | Uint8Array;
type LdifAttributes = Readonly<Record<string, LdifValue | readonly LdifValue[]>>;

const staff = `OU=Staff,${sambaBase}`;
const sales = `OU=Sales,${staff}`;
const former = `OU=Former Staff,${sambaBase}`;
const groups = `OU=Groups,${sambaBase}`;

export const sampleUnits = { staff, sales, former, groups } as const;

/** Milliseconds since 1970 as AD's FILETIME. */
export function toFileTime(moment: number): string {
  return String((BigInt(moment) + 11_644_473_600_000n) * 10_000n);
}

/** The first day of this month: recent enough not to expire by the domain's 42 days, and the same for every run of the month. */
export const passwordsSetAt = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1);
export const longAgo = Date.UTC(2020, 0, 15, 10, 30);

/** Days after which the fine-grained policy lets a password expire; the domain's own policy says 42. */
export const shortPolicyDays = 60;

/** Passwords of the accounts that the tests sign in with to see AD's sub-codes. */
export const samplePasswords = {
  disabled: 'Sample-Disabled-1',
  expired: 'Sample-Expired-1',
  mustChange: 'Sample-Must-Change-1',
  lockMe: 'Sample-Lock-Me-1',
  passwordExpired: 'Sample-Pw-Expired-1',
} as const;

/** sAMAccountName of users with a special state → their DN. */
export const specialUsers = {
  disabled: `CN=Dora Disabled,${staff}`,
  expired: `CN=Emil Expired,${staff}`,
  'must-change': `CN=Mona Must-Change,${staff}`,
  'lock-me': `CN=Lou Lock-Me,${staff}`,
  'never-expires': `CN=Nora Never,${staff}`,
  'fine-grained': `CN=Fay Fine-Grained,${staff}`,
  'fine-grained-group': `CN=Gus Group-Policy,${staff}`,
  'password-expired': `CN=Percy Password,${staff}`,
  accented: `CN=Zoë Świątek-Łoś,${staff}`,
  cjk: `CN=田中 花子,${staff}`,
  comma: `CN=Quill\\, \\"Ace\\",${staff}`,
  plus: `CN=Plus \\+ \\#1 \\<x\\>,${staff}`,
  'no-mail': `CN=Nils No-Mail,${staff}`,
  aliases: `CN=Alma Aliases,${staff}`,
  'many-aliases': `CN=Manny Many,${staff}`,
  seller: `CN=Sally Seller,${sales}`,
  leaver: `CN=Lee Leaver,${former}`,
} as const;

/** Groups that contain each other in a circle: all-staff ⊃ sales-team ⊃ inner-team ⊃ all-staff. */
export const sampleGroups = {
  allStaff: `CN=all-staff,${groups}`,
  salesTeam: `CN=sales-team,${groups}`,
  innerTeam: `CN=inner-team,${groups}`,
  policy: `CN=policy-group,${groups}`,
  empty: `CN=empty-group,${groups}`,
} as const;

const memberships: Readonly<Record<string, readonly string[]>> = {
  [sampleGroups.allStaff]: [specialUsers['never-expires'], sampleGroups.salesTeam],
  [sampleGroups.salesTeam]: [specialUsers.seller, sampleGroups.innerTeam],
  [sampleGroups.innerTeam]: [specialUsers.comma, sampleGroups.allStaff],
  [sampleGroups.policy]: [specialUsers['fine-grained-group']],
  [sampleGroups.empty]: [],
};

/** A domain with `ordinary` enabled users in OU=Staff and one user for every case of the rules. */
export function sampleDomain(ordinary: number): DirectoryStep[] {
  return [
    { ldif: [units(), specials(), others(), policies()].join('\n') },
    { ldif: ordinaryUsers(ordinary) },
    {
      passwords: {
        [specialUsers.disabled]: samplePasswords.disabled,
        [specialUsers.expired]: samplePasswords.expired,
        [specialUsers['must-change']]: samplePasswords.mustChange,
        [specialUsers['lock-me']]: samplePasswords.lockMe,
        [specialUsers['password-expired']]: samplePasswords.passwordExpired,
      },
    },
    {
      ldif: [
        modify(specialUsers['must-change'], 'pwdLastSet', '0'),
        modify(specialUsers['password-expired'], 'pwdLastSet', toFileTime(longAgo)),
      ].join('\n'),
    },
  ];
}

/** Enabled users with every attribute that is read, numbered from 1. */
function ordinaryUsers(count: number, parent: string = staff): string {
  const records: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const name = `person${number}`;
    records.push(
      record(`CN=Person ${number},${parent}`, {
        ...person(name, 'Pat', `Person ${number}`),
        title: 'Technician',
        department: 'Operations',
        company: 'Example Company',
        physicalDeliveryOfficeName: 'Head Office',
        telephoneNumber: fictionalPhone(number),
        mobile: '+1 415 555 0111',
        manager: specialUsers.seller,
        proxyAddresses: [`SMTP:${name}@example.test`, `smtp:${name}@alias.example.test`],
        'mS-DS-ConsistencyGuid': numberedGuid(number),
        lastLogonTimestamp: toFileTime(passwordsSetAt + number * 1000),
        lastLogon: toFileTime(passwordsSetAt + number * 1000),
      }),
    );
  }
  return records.join('\n');
}

/** A number of the range that is kept for fiction; 70,000 different ones before they repeat. */
export function fictionalPhone(number: number): string {
  return `+1 ${201 + (number % 700)} 555 01${String(Math.floor(number / 700) % 100).padStart(2, '0')}`;
}

function numberedGuid(number: number): Buffer {
  const bytes = Buffer.alloc(16, 0xb7);
  bytes.writeUInt32BE(number, 0);
  return bytes;
}

function person(name: string, givenName: string, sn: string): LdifAttributes {
  return {
    objectClass: 'user',
    sAMAccountName: name,
    userPrincipalName: `${name}@corp.example.test`,
    userAccountControl: '512',
    givenName,
    sn,
    displayName: `${givenName} ${sn}`,
    mail: `${name}@example.test`,
    telephoneNumber: '+1 415 555 0110',
    pwdLastSet: toFileTime(passwordsSetAt),
  };
}

function units(): string {
  return [staff, sales, former, groups].map((dn) => record(dn, { objectClass: 'organizationalUnit' })).join('\n');
}

function specials(): string {
  const { mail: _mail, ...withoutMail } = person('no-mail', 'Nils', 'No-Mail');
  const aliases = Array.from({ length: 1600 }, (_, index) => `smtp:alias${index}@alias.example.test`);
  const users: Record<keyof typeof specialUsers, LdifAttributes> = {
    disabled: { ...person('disabled', 'Dora', 'Disabled'), userAccountControl: '514' },
    expired: { ...person('expired', 'Emil', 'Expired'), accountExpires: toFileTime(longAgo) },
    'must-change': person('must-change', 'Mona', 'Must-Change'),
    'lock-me': person('lock-me', 'Lou', 'Lock-Me'),
    'never-expires': { ...person('never-expires', 'Nora', 'Never'), userAccountControl: '66048' },
    'fine-grained': person('fine-grained', 'Fay', 'Fine-Grained'),
    'fine-grained-group': person('fine-grained-group', 'Gus', 'Group-Policy'),
    'password-expired': person('password-expired', 'Percy', 'Password'),
    accented: { ...person('accented', 'Zoë', 'Świątek-Łoś'), physicalDeliveryOfficeName: 'Zürich' },
    cjk: person('cjk', '花子', '田中'),
    comma: person('comma', 'Ace', 'Quill'),
    plus: person('plus', 'Plus', '+ #1 <x>'),
    'no-mail': { ...withoutMail, proxyAddresses: ['smtp:nils.second@example.test', 'SMTP:nils.primary@example.test', 'X500:/o=Example'] },
    aliases: {
      ...person('aliases', 'Alma', 'Aliases'),
      proxyAddresses: ['SMTP:aliases@example.test', 'smtp:alma@example.test', 'smtp:a.aliases@example.test', 'SIP:alma@example.test'],
    },
    'many-aliases': { ...person('many-aliases', 'Manny', 'Many'), proxyAddresses: ['SMTP:many-aliases@example.test', ...aliases] },
    seller: person('seller', 'Sally', 'Seller'),
    leaver: { ...person('leaver', 'Lee', 'Leaver'), userAccountControl: '514' },
  };
  return Object.entries(users)
    .map(([name, attributes]) => record(specialUsers[name as keyof typeof specialUsers], attributes))
    .join('\n');
}

/** What is no person: computers, managed service accounts, contact objects. */
function others(): string {
  const groupRecords = Object.keys(memberships).map((dn) =>
    record(dn, { objectClass: 'group', sAMAccountName: dn.slice(3, dn.indexOf(',')) }),
  );
  const members = Object.entries(memberships).filter(([, list]) => list.length > 0);
  return [
    record(`CN=PC1,CN=Computers,${sambaBase}`, { objectClass: 'computer', sAMAccountName: 'PC1$', userAccountControl: '4096' }),
    record(`CN=gmsa1,CN=Managed Service Accounts,${sambaBase}`, {
      objectClass: 'msDS-GroupManagedServiceAccount',
      sAMAccountName: 'gmsa1$',
      userAccountControl: '4096',
      'msDS-ManagedPasswordInterval': '30',
    }),
    record(`CN=msa1,CN=Managed Service Accounts,${sambaBase}`, {
      objectClass: 'msDS-ManagedServiceAccount',
      sAMAccountName: 'msa1$',
      userAccountControl: '4096',
    }),
    record(`CN=Outside Contact,${staff}`, { objectClass: 'contact', givenName: 'Olga', sn: 'Outside', mail: 'olga@outside.example' }),
    ...groupRecords,
    ...members.map(([dn, list]) => modify(dn, 'member', ...list)),
  ].join('\n');
}

function policies(): string {
  const days = (count: number) => String(-count * 86_400 * 10_000_000);
  const container = `CN=Password Settings Container,CN=System,${sambaBase}`;
  return [
    record(`CN=Short,${container}`, {
      objectClass: 'msDS-PasswordSettings',
      'msDS-PasswordSettingsPrecedence': '10',
      'msDS-PasswordReversibleEncryptionEnabled': 'FALSE',
      'msDS-PasswordHistoryLength': '0',
      'msDS-PasswordComplexityEnabled': 'FALSE',
      'msDS-MinimumPasswordLength': '4',
      'msDS-MinimumPasswordAge': '0',
      'msDS-MaximumPasswordAge': days(shortPolicyDays),
      'msDS-LockoutThreshold': '3',
      'msDS-LockoutObservationWindow': '-18000000000',
      'msDS-LockoutDuration': '-18000000000',
      'msDS-PSOAppliesTo': [specialUsers['fine-grained'], sampleGroups.policy],
    }),
    // Three wrong passwords lock an account for half an hour.
    [
      dnLine(sambaBase),
      'changetype: modify',
      'replace: lockoutThreshold',
      'lockoutThreshold: 3',
      '-',
      'replace: lockOutObservationWindow',
      'lockOutObservationWindow: -18000000000',
      '-',
      'replace: lockoutDuration',
      'lockoutDuration: -18000000000',
      '',
    ].join('\n'),
  ].join('\n');
}

/** One LDIF record that adds an entry. */
export function record(dn: string, attributes: LdifAttributes): string {
  const lines = [dnLine(dn)];
  for (const [name, value] of Object.entries(attributes)) {
    for (const one of Array.isArray(value) ? (value as readonly LdifValue[]) : [value as LdifValue]) lines.push(valueLine(name, one));
  }
  return `${lines.join('\n')}\n`;
}

function modify(dn: string, attribute: string, ...values: readonly string[]): string {
  return [dnLine(dn), 'changetype: modify', `replace: ${attribute}`, ...values.map((value) => valueLine(attribute, value)), ''].join('\n');
}

function valueLine(name: string, value: LdifValue): string {
  if (typeof value === 'string' && /^[\x21-\x39\x3b\x3d-\x7e][\x20-\x7e]*$/.test(value)) return `${name}: ${value}`;
  return `${name}:: ${Buffer.from(value).toString('base64')}`;
}
