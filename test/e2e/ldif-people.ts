/** A person of an LDIF export, in AD's own attribute names. */
export interface LdifPerson {
  readonly givenName?: string;
  readonly sn?: string;
  readonly mail?: string;
  readonly title?: string;
  readonly telephoneNumber?: string;
  readonly physicalDeliveryOfficeName?: string;
  readonly sAMAccountName: string;
  readonly userAccountControl?: string;
  readonly proxyAddresses?: readonly string[];
}

const base = 'OU=Staff,DC=corp,DC=example,DC=test';

/** The objectGUID of a fixture, from its place in the list: the same text gives the same identity. */
function guidOf(name: string): string {
  const bytes = Buffer.alloc(16, 0);
  bytes.write(name.padEnd(16, '.').slice(0, 16), 'latin1');
  return bytes.toString('base64');
}

/** Writes an export as ldapsearch does. */
export function toLdif(people: readonly LdifPerson[]): string {
  const entries = people.map((person) => {
    const { proxyAddresses, ...single } = person;
    const lines = [
      `dn: CN=${person.sAMAccountName},${base}`,
      'objectClass: top',
      'objectClass: person',
      'objectClass: organizationalPerson',
      'objectClass: user',
      `objectGUID:: ${guidOf(person.sAMAccountName)}`,
      'sAMAccountType: 805306368',
      'pwdLastSet: 133500000000000000',
      'accountExpires: 0',
    ];
    for (const [name, value] of Object.entries({ userAccountControl: '512', ...single })) lines.push(encode(name, value));
    for (const value of proxyAddresses ?? []) lines.push(encode('proxyAddresses', value));
    return lines.join('\n');
  });
  return `version: 1\n\n${entries.join('\n\n')}\n`;
}

function encode(name: string, value: string): string {
  const plain = /^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ');
  return plain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value, 'utf8').toString('base64')}`;
}
