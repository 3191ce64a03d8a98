import { type DirectoryStep, sambaBase } from './samba-directory.ts';
import { record } from './sample-domain.ts';

const staff = `OU=Staff,${sambaBase}`;
const sales = `OU=Sales,${staff}`;
const former = `OU=Former,${sambaBase}`;
const groups = `OU=Groups,${sambaBase}`;

export const faultUnits = { staff, sales, former } as const;
export const faultGroups = { team: `CN=Team,${groups}`, inner: `CN=Inner,${groups}`, blocked: `CN=Blocked,${groups}` } as const;

const blockedUser = 'f11';
const formerUsers = ['f12', 'f13'];
/** sAMAccountName of those that a read of this domain brings, but for the service account. */
export const faultUsers: readonly string[] = Array.from({ length: 10 }, (_, index) => `f${index + 1}`);

function user(name: string, parent: string): string {
  return record(`CN=${name},${parent}`, {
    objectClass: 'user',
    sAMAccountName: name,
    userAccountControl: '512',
    givenName: name.toUpperCase(),
    sn: 'Fault',
    title: 'Technician',
    mail: `${name}@example.test`,
    telephoneNumber: '+1 415 555 0100',
    proxyAddresses: [`SMTP:${name}@example.test`, `smtp:${name}@alias.example.test`],
  });
}

/** Few users in several units and groups, so that a read of them touches every kind of request and takes little time. */
export function faultDomain(): readonly DirectoryStep[] {
  const unit = (dn: string): string => record(dn, { objectClass: 'organizationalUnit' });
  const group = (dn: string, members: readonly string[]): string =>
    record(dn, { objectClass: 'group', sAMAccountName: dn.slice(3).split(',')[0] ?? 'group', member: members });
  const home = (name: string): string => (Number(name.slice(1)) > 7 ? sales : staff);
  const people = faultUsers.map((name) => user(name, home(name)));
  return [
    {
      ldif: [
        ...[staff, sales, former, groups].map(unit),
        ...people,
        user(blockedUser, sales),
        ...formerUsers.map((name) => user(name, former)),
        group(faultGroups.inner, [`CN=f3,${staff}`]),
        group(faultGroups.team, [`CN=f1,${staff}`, faultGroups.inner]),
        group(faultGroups.blocked, [`CN=${blockedUser},${sales}`]),
      ].join('\n'),
    },
  ];
}

/** What happens in it between two reads: two users change, and one is deleted. */
export const faultChanges = [
  `dn: CN=f1,${staff}\nchangetype: modify\nreplace: title\ntitle: Engineer\n`,
  `dn: CN=f5,${staff}\nchangetype: modify\nreplace: telephoneNumber\ntelephoneNumber: +1 415 555 0199\n`,
  `dn: CN=f10,${sales}\nchangetype: delete\n`,
].join('\n');
