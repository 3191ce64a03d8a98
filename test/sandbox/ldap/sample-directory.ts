import type { LdapEntry } from './entry.ts';
import type { LdapAccount } from './server.ts';

type Values = readonly (string | Uint8Array)[];
/** Attributes that replace those of an ordinary user; `null` takes one away. */
export type Overrides = Readonly<Record<string, string | Uint8Array | Values | null>>;

export const sampleBase = 'DC=corp,DC=example,DC=test';
export const sampleAccount: LdapAccount = {
  names: [`CN=svc-rollcall,OU=Services,${sampleBase}`, 'svc-rollcall@corp.example.test', 'CORP\\svc-rollcall'],
  password: 'Sample-Pass-1',
  identity: 'CORP\\svc-rollcall',
};

const never = '9223372036854775807';

/** Milliseconds since 1970 as a FILETIME in text. */
export function fileTime(moment: number): string {
  return String((BigInt(moment) + 11_644_473_600_000n) * 10_000n);
}

/** 16 bytes of an objectGUID as AD sends them, all different and none of them text. */
export function sampleGuid(number: number): Buffer {
  const bytes = Buffer.alloc(16, 0xa5);
  bytes.writeUInt32LE(number, 0);
  bytes.writeUInt16LE(0x4a11, 4);
  bytes.writeUInt16LE(0x4c22, 6);
  bytes[8] = 0x8f;
  return bytes;
}

/** The text form of `sampleGuid(number)`. */
export function sampleGuidText(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-4a11-4c22-8fa5-a5a5a5a5a5a5`;
}

/** An enabled user with every attribute that C7 names, in OU=Staff. */
export function userEntry(number: number, overrides: Overrides = {}, parent = `OU=Staff,${sampleBase}`): LdapEntry {
  const name = `user${number}`;
  const plain: Record<string, Values> = {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    objectCategory: [`CN=Person,CN=Schema,CN=Configuration,${sampleBase}`],
    cn: [`User ${number}`],
    sAMAccountName: [name],
    sAMAccountType: ['805306368'],
    userPrincipalName: [`${name}@corp.example.test`],
    objectGUID: [sampleGuid(number)],
    objectSid: [
      Buffer.from([1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, number & 0xff, number >> 8, 0, 0]),
    ],
    userAccountControl: ['512'],
    'msDS-User-Account-Control-Computed': ['0'],
    'msDS-UserPasswordExpiryTimeComputed': [fileTime(Date.UTC(2030, 0, 1))],
    pwdLastSet: [fileTime(Date.UTC(2026, 9, 1))],
    accountExpires: [never],
    lastLogonTimestamp: [fileTime(Date.UTC(2026, 10, 2))],
    lastLogon: [fileTime(Date.UTC(2026, 10, 3))],
    lockoutTime: ['0'],
    givenName: ['Given'],
    sn: [`Sample ${number}`],
    displayName: [`Given Sample ${number}`],
    title: ['Analyst'],
    mail: [`${name}@example.test`],
    telephoneNumber: ['+1 415 555 0100'],
    physicalDeliveryOfficeName: ['Head Office'],
    department: ['Finance'],
    company: ['Example Company'],
    proxyAddresses: [`SMTP:${name}@example.test`, `smtp:${name}.alias@example.test`],
    'mS-DS-ConsistencyGuid': [sampleGuid(number + 500_000)],
    whenChanged: ['20261101000000.0Z'],
    uSNChanged: [String(10_000 + number)],
  };
  return { dn: `CN=User ${number},${parent}`, attributes: withOverrides(plain, overrides) };
}

function withOverrides(plain: Record<string, Values>, overrides: Overrides): Record<string, Values> {
  const attributes = { ...plain };
  for (const [name, value] of Object.entries(overrides)) {
    if (value === null) delete attributes[name];
    else attributes[name] = Array.isArray(value) ? value : [value as string | Uint8Array];
  }
  return attributes;
}

/** An entry that is not a user; its GUID is numbered apart from the users'. */
export function plainEntry(dn: string, objectClass: readonly string[], attributes: Overrides = {}): LdapEntry {
  const number = Buffer.from(dn).reduce((sum, byte) => (sum * 31 + byte) % 1_000_000, 7) + 2_000_000;
  return { dn, attributes: withOverrides({ objectClass: ['top', ...objectClass], objectGUID: [sampleGuid(number)] }, attributes) };
}

/** Root, domain, organizational units and the service account, with the given users (and other entries) in it. */
export function sampleDirectory(users: readonly LdapEntry[]): LdapEntry[] {
  return [
    rootEntry(),
    plainEntry(sampleBase, ['domain', 'domainDNS'], { maxPwdAge: '-36288000000000', lockoutDuration: '-18000000000', name: 'corp' }),
    ...['Staff', 'Services', 'Former Staff'].map((name) => plainEntry(`OU=${name},${sampleBase}`, ['organizationalUnit'], { ou: name })),
    ...['Users', 'Computers'].map((name) => plainEntry(`CN=${name},${sampleBase}`, ['container'], { cn: name })),
    serviceAccountEntry(),
    ...users,
  ];
}

/** objectGUID number of the account that the tests bind with. */
const serviceAccountNumber = 900_001;

function serviceAccountEntry(): LdapEntry {
  const { attributes } = userEntry(serviceAccountNumber, {
    cn: 'svc-rollcall',
    sAMAccountName: 'svc-rollcall',
    userPrincipalName: 'svc-rollcall@corp.example.test',
    mail: null,
    proxyAddresses: null,
  });
  return { dn: `CN=svc-rollcall,OU=Services,${sampleBase}`, attributes };
}

function rootEntry(): LdapEntry {
  const configuration = `CN=Configuration,${sampleBase}`;
  return {
    dn: '',
    attributes: {
      objectClass: ['top'],
      namingContexts: [sampleBase, configuration, `CN=Schema,${configuration}`],
      defaultNamingContext: [sampleBase],
      rootDomainNamingContext: [sampleBase],
      configurationNamingContext: [configuration],
      schemaNamingContext: [`CN=Schema,${configuration}`],
      dnsHostName: ['dc1.corp.example.test'],
      serverName: [`CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,${configuration}`],
      dsServiceName: [`CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,${configuration}`],
      ldapServiceName: ['corp.example.test:dc1$@CORP.EXAMPLE.TEST'],
      supportedControl: ['1.2.840.113556.1.4.319', '1.2.840.113556.1.4.417', '1.2.840.113556.1.4.841', '1.2.840.113556.1.4.473'],
      supportedExtension: ['1.3.6.1.4.1.1466.20037', '1.3.6.1.4.1.4203.1.11.3'],
      supportedCapabilities: ['1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1670', '1.2.840.113556.1.4.1935'],
      supportedLDAPVersion: ['3', '2'],
      supportedSASLMechanisms: ['GSSAPI', 'GSS-SPNEGO', 'EXTERNAL', 'DIGEST-MD5'],
      domainFunctionality: ['7'],
      forestFunctionality: ['7'],
      domainControllerFunctionality: ['7'],
      highestCommittedUSN: ['204800'],
      isSynchronized: ['TRUE'],
      isGlobalCatalogReady: ['TRUE'],
      currentTime: ['20261122080000.0Z'],
    },
  };
}
