import { createHash } from 'node:crypto';
import { dnLine } from '../integration/samba-directory.ts';
import { record, toFileTime } from '../integration/sample-domain.ts';
import { at, mailDomain, type SamplePerson, type SampleStatus } from './sample-records.ts';

type Values = Readonly<Record<string, string | Uint8Array | readonly string[]>>;

const minute = 60_000;
const day = 24 * 60 * minute;
const passwordDays = 90;
const normalAccount = '805306368';
const never = '9223372036854775807';

const accountControl: Readonly<Record<SampleStatus, number>> = {
  enabled: 0x200,
  disabled: 0x202,
  expired: 0x200,
  locked: 0x200,
  'must-change': 0x200,
  'password-expired': 0x200,
  'never-expires': 0x10200,
};

/** Where and when the directory is written. */
interface Place {
  /** DN of the domain. */
  readonly base: string;
  /** Milliseconds since 1970: logons and passwords are so many days before it. */
  readonly now: number;
}

const units = ['Staff', 'Former Staff', 'Services', 'Rooms', 'Groups'] as const;

/** The group that the demo's configuration leaves out; its members are found through groups that contain each other. */
export function leftOutGroup(base: string): string {
  return `CN=not-synced,OU=Groups,${base}`;
}

function dnOf(person: SamplePerson, base: string): string {
  const name = person.commonName ?? [person.firstName, person.lastName].filter((part) => part !== undefined).join(' ');
  return `CN=${name.replaceAll(/[\\,+"<>;=]/g, String.raw`\$&`)},OU=${person.unit ?? 'Staff'},${base}`;
}

/** What a person's entry holds and may be written, also to a real domain controller. */
function writableAttributes(person: SamplePerson, { now }: Place): Values {
  const status = person.status ?? 'enabled';
  const passwordSet = passwordSetAt(person, now);
  const lastLogon = now - (numberOf(person.account) % 13) * day - 3 * 60 * minute;
  const display = [person.firstName, person.lastName].filter((part) => part !== undefined).join(' ');
  const mail = person.mail === undefined ? at(person.account) : person.mail;
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    sAMAccountName: person.account,
    userPrincipalName: person.userPrincipalName ?? `${person.account}@${mailDomain}`,
    userAccountControl: String(accountControl[status]),
    pwdLastSet: passwordSet === null ? '0' : toFileTime(passwordSet),
    lastLogonTimestamp: toFileTime(lastLogon),
    ...(status === 'expired' ? { accountExpires: toFileTime(now - 20 * day) } : {}),
    ...(status === 'locked' ? { lockoutTime: toFileTime(now - 5 * minute) } : {}),
    ...given('givenName', person.firstName),
    ...given('sn', person.lastName),
    ...given('displayName', display === '' ? undefined : display),
    ...given('mail', mail ?? undefined),
    ...given('title', person.title),
    ...given('telephoneNumber', person.phone),
    ...given('mobile', person.mobile),
    ...given('physicalDeliveryOfficeName', person.office),
    ...given('department', person.department),
    ...(person.proxyAddresses === undefined ? {} : { proxyAddresses: person.proxyAddresses }),
  };
}

/** What only a directory server makes up, as an export shows it. */
function computedAttributes(person: SamplePerson, { now }: Place): Values {
  const status = person.status ?? 'enabled';
  const passwordSet = passwordSetAt(person, now);
  const bits: Readonly<Partial<Record<SampleStatus, string>>> = { locked: '16', 'password-expired': '8388608', 'must-change': '8388608' };
  const expires = passwordSet === null ? '0' : toFileTime(passwordSet + passwordDays * day);
  return {
    objectGUID: createHash('sha256').update(`${mailDomain}/${person.account}`).digest().subarray(0, 16),
    sAMAccountType: normalAccount,
    ...given('msExchRecipientTypeDetails', person.recipientType),
    'msDS-User-Account-Control-Computed': bits[status] ?? '0',
    'msDS-UserPasswordExpiryTimeComputed': status === 'never-expires' ? never : expires,
  };
}

interface Directory extends Place {
  readonly people: readonly SamplePerson[];
  /** Accounts in the group that is left out. */
  readonly leftOut: readonly string[];
}

/** An export as ldifde writes it, computed attributes and things that are no people included. */
export function exportLdif(directory: Directory): string {
  const { base } = directory;
  const people = directory.people.map((person) =>
    record(dnOf(person, base), { ...writableAttributes(person, directory), ...computedAttributes(person, directory) }),
  );
  return [...unitRecords(base), ...people, ...groupRecords(directory), ...builtIn(base), ...computers(base)].join('\n').concat('\n');
}

/** The same for a real domain controller: units and groups, people, members; to be added in this order. */
export function serverLdif(directory: Directory): string {
  const { base, people } = directory;
  const policy = [dnLine(base), 'changetype: modify', 'replace: maxPwdAge', `maxPwdAge: -${passwordDays * 864_000_000_000}`, ''].join('\n');
  return [
    policy,
    ...unitRecords(base).filter((text) => !text.startsWith(dnLine(`OU=Services,${base}`))),
    ...people.map((person) => record(dnOf(person, base), writableAttributes(person, directory))),
    ...groupRecords(directory, { membersLater: true }),
    ...computers(base),
  ].join('\n');
}

/** What changed from one state of the people to the next, as changes to a real domain controller. */
export function changesLdif(before: readonly SamplePerson[], after: readonly SamplePerson[], place: Place): string {
  const known = new Map(before.map((person) => [person.account, person]));
  return after
    .flatMap((person) => {
      const old = known.get(person.account);
      const now = writableAttributes(person, place);
      if (old === undefined) return [record(dnOf(person, place.base), now)];
      const was = writableAttributes(old, place);
      const changes = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter(
        (name) => JSON.stringify(was[name]) !== JSON.stringify(now[name]),
      );
      return changes.length === 0 ? [] : [modifyRecord(dnOf(old, place.base), changes, now)];
    })
    .join('\n');
}

function modifyRecord(dn: string, names: readonly string[], values: Values): string {
  const [head = ''] = record(dn, {}).split('\n');
  const parts = names.map((name) => {
    const value = values[name];
    const lines =
      value === undefined
        ? ''
        : record(dn, { [name]: value })
            .split('\n')
            .slice(1)
            .join('\n');
    return `replace: ${name}\n${lines}-\n`;
  });
  return `${head}\nchangetype: modify\n${parts.join('')}`;
}

function unitRecords(base: string): readonly string[] {
  return units.map((name) => record(`OU=${name},${base}`, { objectClass: ['top', 'organizationalUnit'] }));
}

/** not-synced ⊃ contractors ⊃ agencies ⊃ not-synced: a circle, with the people in the innermost one. */
function groupRecords(directory: Directory, how: { readonly membersLater?: boolean } = {}): readonly string[] {
  const { base, people, leftOut } = directory;
  const dn = (name: string): string => `CN=${name},OU=Groups,${base}`;
  const persons = people.filter((person) => leftOut.includes(person.account)).map((person) => dnOf(person, base));
  const members: Readonly<Record<string, readonly string[]>> = {
    'not-synced': [dn('contractors')],
    contractors: [dn('agencies')],
    agencies: [dn('not-synced'), ...persons],
  };
  const group = (name: string): Values => ({ objectClass: ['top', 'group'], sAMAccountName: name });
  if (how.membersLater !== true) return Object.entries(members).map(([name, member]) => record(dn(name), { ...group(name), member }));
  return [
    ...Object.keys(members).map((name) => record(dn(name), group(name))),
    ...Object.entries(members).map(([name, member]) => modifyRecord(dn(name), ['member'], { member })),
  ];
}

/** Critical system objects: a domain controller has them already. */
function builtIn(base: string): readonly string[] {
  return ['Administrator', 'Guest', 'krbtgt'].map((name) =>
    record(`CN=${name},CN=Users,${base}`, {
      objectClass: ['top', 'person', 'organizationalPerson', 'user'],
      sAMAccountName: name,
      userAccountControl: '66050',
      isCriticalSystemObject: 'TRUE',
      sAMAccountType: normalAccount,
      objectGUID: createHash('sha256').update(name).digest().subarray(0, 16),
    }),
  );
}

function computers(base: string): readonly string[] {
  return ['LARK-PC01', 'LARK-PC02', 'LARK-SRV1'].map((name) =>
    record(`CN=${name},CN=Computers,${base}`, {
      objectClass: ['top', 'person', 'organizationalPerson', 'user', 'computer'],
      sAMAccountName: `${name}$`,
      userAccountControl: '4096',
    }),
  );
}

function passwordSetAt({ account, status }: SamplePerson, now: number): number | null {
  if (status === 'must-change') return null;
  if (status === 'password-expired') return now - 140 * day;
  return now - (5 + (numberOf(account) % 70)) * day;
}

/** The same number for the same text, so that dates differ from person to person and not from run to run. */
function numberOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt16BE(0);
}

function given(name: string, value: string | undefined): Values {
  return value === undefined || value === '' ? {} : { [name]: value };
}
