import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLdifSource, type LdifConfig } from '../../../../agent/directory/ldif/ldif-source.ts';
import { firstReadRequest } from '../../../../core/collect/first-read.ts';
import { RollcallError } from '../../../../core/errors.ts';
import type { DirectoryEntry } from '../../../../core/model/directory-user.ts';
import type { ReadProof } from '../../../../core/ports/directory-source.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-ldif-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Reading {
  readonly proof: ReadProof;
  readonly entries: readonly DirectoryEntry[];
  /** sAMAccountNames, sorted. */
  readonly names: readonly string[];
  readonly pages: readonly number[];
}

async function read(content: string | Buffer, changes: Partial<LdifConfig> = {}): Promise<Reading> {
  const file = join(folder, 'users.ldif');
  await writeFile(file, content);
  const entries: DirectoryEntry[] = [];
  const pages: number[] = [];
  const { proof } = await source({ file, ...changes }).read(
    {
      onPage: (page) => {
        entries.push(...page);
        pages.push(page.length);
      },
      onRestart: () => undefined,
    },
    firstReadRequest,
  );
  return { proof, entries, names: entries.map((entry) => entry.person.samAccountName ?? '').sort((a, b) => (a < b ? -1 : 1)), pages };
}

function source(changes: Partial<LdifConfig>) {
  return createLdifSource({
    name: 'export',
    file: '',
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    parsePhone: (raw) => ({ raw, e164: null, extension: null }),
    ...changes,
  });
}

async function failure(reading: Promise<unknown>): Promise<RollcallError> {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RollcallError)) throw new Error(`a coded error expected, got ${String(error)}`);
  return error;
}

function guid(number: number): string {
  return Buffer.from(String(number).padStart(16, '0')).toString('base64');
}

let nextGuid = 0;

function user(name: string, lines: readonly string[] = [], parent = 'OU=Staff,DC=corp,DC=example,DC=test'): string {
  nextGuid += 1;
  const own = [
    `dn: CN=${name},${parent}`,
    'objectClass: user',
    `sAMAccountName: ${name}`,
    `objectGUID:: ${guid(nextGuid)}`,
    'userAccountControl: 512',
  ];
  return `${[...own, ...lines].join('\n')}\n\n`;
}

function group(name: string, members: readonly string[], lines: readonly string[] = []): string {
  const all = [
    `dn: CN=${name},OU=Groups,DC=corp,DC=example,DC=test`,
    'objectClass: group',
    ...members.map((member) => `member: ${member}`),
    ...lines,
  ];
  return `${all.join('\n')}\n\n`;
}

const staff = 'OU=Staff,DC=corp,DC=example,DC=test';
const groups = 'OU=Groups,DC=corp,DC=example,DC=test';

describe('reading LDIF', () => {
  it('reads what ldapsearch writes: comments, folding, base64, its own words at the end', async () => {
    const { proof, entries } = await read(
      [
        '# extended LDIF',
        '#',
        '# a comment that is',
        '  folded: too',
        'version: 1',
        '',
        '# Ada, Staff, corp.example.test',
        'dn: CN=Ada,OU=Sta',
        ' ff,DC=corp,DC=example,DC=test',
        'objectClass: top',
        'objectClass: user',
        'sAMAccountName: ada',
        `objectGUID:: ${guid(1)}`,
        'userAccountControl: 512',
        'sn:: QsO2cm4=',
        'title:   padded',
        'mail;lang-de: x@example.test',
        'mail: ada@ex',
        ' ample.test',
        '',
        '# search reference',
        'ref: ldap://child.example.test/DC=child',
        '',
        '# search result',
        'search: 2',
        'result: 0 Success',
        'control: 1.2.840.113556.1.4.319 false MAUCAQAEAA==',
        '',
        '# numResponses: 3',
        '# numEntries: 1',
        '# numReferences: 1',
        '',
      ].join('\n'),
    );

    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      dn: `CN=Ada,${staff}`,
      person: { lastName: 'Börn', title: 'padded', email: 'ada@example.test' },
    });
    expect(proof).toMatchObject({ complete: true, gaps: [], users: 1, family: 'ad:corp.example.test', ownAccountId: null });
  });

  it('reads what ldifde writes: CRLF and changetype', async () => {
    const text = user('ada', ['givenName: Ada']).replace('objectClass', 'changetype: add\nobjectClass').replaceAll('\n', '\r\n');

    const { proof, entries } = await read(text);

    expect(entries[0]?.person.firstName).toBe('Ada');
    expect(proof.complete).toBe(true);
  });

  it.each([
    ['UTF-8 with a mark', (text: string) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
    ['UTF-8 that was not encoded', (text: string) => Buffer.from(text)],
    ['UTF-16', (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])],
    ['UTF-16, big-endian', (text: string) => Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, 'utf16le').swap16()])],
  ])('reads %s', async (_, encode) => {
    const { entries } = await read(encode(user('zoe', ['givenName: Zoë'])));

    expect(entries[0]?.person.firstName).toBe('Zoë');
  });

  it('hands over pages and waits for each', async () => {
    const { pages, proof } = await read(Array.from({ length: 450 }, (_, index) => user(`u${index}`)).join(''));

    expect(pages).toEqual([200, 200, 50]);
    expect(proof.users).toBe(450);
  });

  it.each([
    ['a line without a name', 'dn: CN=a\nnonsense\n\n', 2, 'without "name:"'],
    ['a record without dn', 'cn: a\n\n', 1, 'does not begin with "dn:"'],
    ['a record inside a record', 'dn: CN=a\ncn: a\ndn: CN=b\n\n', 3, 'inside another'],
    ['a continuation of nothing', ' x\n', 1, 'continuation'],
    ['broken base64', 'dn: CN=a\nsn:: QsO2cm4\n\n', 2, 'base64'],
    ['a value in another file', 'dn: CN=a\nsn:< file:///etc/passwd\n\n', 2, 'another file'],
    ['text that is no UTF-8', Buffer.from('dn: CN=a\nsn: B\xf6rn\n\n', 'latin1'), 2, 'no UTF-8'],
    ['changes', 'dn: CN=a\nchangetype: modify\nreplace: sn\n\n', 2, 'other than "add"'],
    ['another version', 'version: 2\n\ndn: CN=a\n\n', 1, 'version'],
    ['a bad name', 'dn: CN=a\n*: x\n\n', 2, 'attribute name'],
    ['half a character of UTF-16', Buffer.from([0xff, 0xfe, 0x64, 0x00, 0x00, 0xd8, 0x20, 0x00]), 1, 'UTF-16'],
  ])('refuses %s, naming the line', async (_, content, line, problem) => {
    const error = await failure(read(content));

    expect(error.code).toBe('LDIF_INVALID');
    expect(error.place).toMatchObject({ line });
    expect(error.message).toContain(`line ${line}`);
    expect(error.message).toContain(problem);
  });

  it('cannot read what is not there, or a folder', async () => {
    const sink = { onPage: () => undefined, onRestart: () => undefined };

    expect((await failure(source({ file: join(folder, 'none.ldif') }).read(sink, firstReadRequest))).code).toBe('LDIF_UNREADABLE');
    expect((await failure(source({ file: folder }).check())).code).toBe('LDIF_UNREADABLE');
  });

  it('lets the failure of its caller through as it is', async () => {
    const file = join(folder, 'users.ldif');
    await writeFile(file, user('ada'));
    const full = new Error('no space left');

    const reading = source({ file }).read({ onPage: () => Promise.reject(full), onRestart: () => undefined }, firstReadRequest);

    await expect(reading).rejects.toBe(full);
  });

  it('shows what a check is worth', async () => {
    const file = join(folder, 'users.ldif');
    await writeFile(file, `${user('ada')}${user('byron')}`);

    const { server, facts } = await source({ file }).check();

    expect(server).toBe(file);
    expect(facts).toMatchObject({ users: '2', complete: 'yes', identity: 'ad:corp.example.test' });
  });
});

describe('a file that is not whole', () => {
  const people = `${user('ada', ['mail: ada@example.test'])}${user('byron', ['mail: byron@example.test'])}`;
  const byLdifde = people.replaceAll('objectClass', 'changetype: add\nobjectClass');
  const byLdapsearch = `# extended LDIF\n#\n# LDAPv3\n#\n\n${people}search: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 2\n`;
  const boundary = byLdifde.indexOf('\n\n') + 2;

  it.each([
    // Behind its first record, a shorter export of ldifde is as good as a whole one.
    ['ldifde', byLdifde, byLdifde.length - 1, [boundary]],
    ['ldapsearch', byLdapsearch, byLdapsearch.indexOf('# numResponses: 3') + '# numResponses:'.length, []],
  ] as const)('C1 is never silently short, wherever an export of %s is cut', async (_, whole, end, exceptions) => {
    expect((await read(whole)).proof).toMatchObject({ complete: true, users: 2 });

    for (let length = 0; length < end; length += 1) {
      if ((exceptions as readonly number[]).includes(length)) continue;
      const reading = await read(whole.slice(0, length)).catch((error: unknown) => error);
      if (reading instanceof RollcallError) {
        expect(reading.code).toBe('LDIF_INVALID');
        continue;
      }
      const { proof, entries } = reading as Reading;
      expect(proof.complete, `cut after ${length} characters`).toBe(false);
      // What was cut in the middle of a line is not handed over with half a value.
      for (const entry of entries) expect(['ada@example.test', 'byron@example.test', null]).toContain(entry.person.email);
    }
  });

  it('C1 takes a file for whole that ends without an empty line, as RFC 2849 allows', async () => {
    expect((await read(people.trimEnd().concat('\n'))).proof).toMatchObject({ complete: true, users: 2 });
  });

  it('C1 reports the record that the end cut off', async () => {
    const { proof, names } = await read(`${user('ada')}${user('byron').trimEnd()}12`);

    expect(names).toEqual(['ada']);
    expect(proof.rejected).toEqual([{ dn: `CN=byron,${staff}`, reason: 'cut off by the end of the file' }]);
  });

  it('C1 believes the number of entries that ldapsearch announces', async () => {
    const { proof } = await read(`${user('ada')}# numEntries: 2\n\n`);

    expect(proof.gaps).toEqual(['the file announces 2 entries and holds 1']);
  });

  it('C1 notes an export that ended at a limit', async () => {
    const { proof } = await read(`${user('ada')}search: 2\nresult: 4 Size limit exceeded\n\n`);

    expect(proof.gaps).toEqual(['the export ended with an error: 4 Size limit exceeded']);
  });

  it('C1 notes values that the export left out', async () => {
    const { proof } = await read(user('ada', ['proxyAddresses;range=0-1: smtp:a@example.test']));

    expect(proof.gaps).toEqual(['values of proxyAddresses were left out of the export']);
  });

  it('C1 takes no file without users for a directory without users', async () => {
    expect((await read('')).proof.gaps).toEqual(['the file is empty']);
    expect((await read('version: 1\n\n')).proof.gaps).toEqual(['the file holds no records']);
  });
});

describe('who is in an export', () => {
  it('C2 leaves out what is no person', async () => {
    const { names, proof } = await read(
      [
        user('ada'),
        user('svc', ['objectClass: computer', 'objectClass: msDS-GroupManagedServiceAccount']),
        user('krbtgt', ['isCriticalSystemObject: TRUE']),
        user('CORP$', ['sAMAccountType: 805306370']),
        user('person', ['sAMAccountType: 805306368']),
        user('trust').replace('Control: 512', 'Control: 2080'),
        group('Staff', []),
      ].join(''),
    );

    expect(names).toEqual(['ada', 'person']);
    expect(proof.leftOut).toEqual({ 'critical system object': 1, 'computer, service or trust account': 1 });
  });

  it('C2 goes by the account itself in exports without classes', async () => {
    const { names } = await read(
      `${user('ada')}${user('PC$').replace('Control: 512', 'Control: 4096')}`.replaceAll('objectClass: user\n', ''),
    );

    expect(names).toEqual(['ada']);
  });

  it('D1 reports a user without identity and hands over a doubled one once', async () => {
    const ada = user('ada');
    const { names, proof } = await read(`${ada}${ada}${user('byron').replace(/objectGUID.*\n/, '')}`);

    expect(names).toEqual(['ada']);
    expect(proof.leftOut).toEqual({ 'sent more than once': 1 });
    expect(proof.rejected).toEqual([{ dn: `CN=byron,${staff}`, reason: 'no objectGUID' }]);
  });

  it('C3 does not take an account for enabled when the export lacks its state', async () => {
    const { names, proof } = await read(user('ada').replace(/userAccountControl.*\n/, ''));

    expect(names).toEqual([]);
    expect(proof.complete).toBe(false);
    expect(proof.rejected).toHaveLength(1);
  });

  it('lists at most a hundred records that it cannot use', async () => {
    const { proof } = await read(Array.from({ length: 130 }, (_, index) => user(`u${index}`).replace(/objectGUID.*\n/, '')).join(''));

    expect(proof.rejected).toHaveLength(100);
    expect(proof.leftOut).toEqual({ 'reported, beyond those that are listed': 30 });
  });

  it('C1 counts organizational units and containers', async () => {
    const ou = (dn: string, name: string) => `dn: ${dn}\nobjectClass: ${name}\n\n`;
    const { proof } = await read(
      `${ou(staff, 'organizationalUnit')}${ou('CN=Users,DC=corp,DC=example,DC=test', 'container')}${user('ada')}`,
    );

    expect(proof.containers).toBe(2);
  });
});

describe('the scope in an export', () => {
  it('C2 keeps to the search bases, and says when one is not there', async () => {
    const content = `${user('ada')}${user('byron', [], 'OU=Sales,DC=corp,DC=example,DC=test')}`;

    expect((await read(content, { searchBases: ['ou=sales, dc=corp,dc=example,dc=test'] })).names).toEqual(['byron']);
    const error = await failure(read(content, { searchBases: ['OU=Salse,DC=corp,DC=example,DC=test'] }));
    expect(error.code).toBe('DIRECTORY_BASE_NOT_FOUND');
    expect(error.message).toContain('OU=Salse');
  });

  it('C2 leaves out excluded OUs and what the filter does not select', async () => {
    const content = `${user('ada', ['department: Sales'])}${user('byron')}${user('eve', ['department: Sales'], `OU=Old,${staff}`)}`;

    const { names, proof } = await read(content, { excludeOus: [`OU=Old,${staff}`], filter: '(department=sales)' });

    expect(names).toEqual(['ada']);
    expect(proof.leftOut).toEqual({ 'excluded OU': 1, filter: 1 });
  });

  it('C2 follows nested groups, circles and primary groups', async () => {
    const sid = Buffer.concat([Buffer.from([1, 5, 0, 0, 0, 0, 0, 5]), Buffer.alloc(16, 9), Buffer.from([0x01, 0x02, 0, 0])]).toString(
      'base64',
    );
    const content = [
      user('ada'),
      user('byron', ['memberOf: CN=Inner,OU=Groups,DC=corp,DC=example,DC=test']),
      user('carl', ['primaryGroupID: 513']),
      user('dora'),
      group('Outer', [`CN=ada,${staff}`, `CN=Inner,${groups}`, `CN=Domain Users,${groups}`]),
      group('Inner', [`cn=outer,${groups}`]),
      group('Domain Users', [], [`objectSid:: ${sid}`]),
    ].join('');

    expect((await read(content, { includeGroups: [`CN=Outer,${groups}`] })).names).toEqual(['ada', 'byron', 'carl']);
    expect((await read(content, { includeGroups: [`CN=Inner,${groups}`] })).names).toEqual(['ada', 'byron', 'carl']);
    expect((await read(content, { excludeGroups: [`CN=outer,${groups}`] })).names).toEqual(['dora']);
    expect((await read(content, { filter: `(memberOf=CN=Outer,${groups})` })).names).toEqual(['ada']);
    expect((await read(content, { filter: `(memberOf:1.2.840.113556.1.4.1941:=CN=Outer,${groups})` })).names).toEqual([
      'ada',
      'byron',
      'carl',
    ]);
  });

  it('C2 does not let everybody through a misspelt group', async () => {
    const error = await failure(read(user('ada'), { excludeGroups: [`CN=Leavers,${groups}`] }));

    expect(error.code).toBe('DIRECTORY_BASE_NOT_FOUND');
  });

  it('C1 notes a group whose members the export left out', async () => {
    const content = `${user('ada')}${group('Big', []).replace('\n\n', `\nmember;range=0-1499: CN=ada,${staff}\n\n`)}`;

    expect((await read(content, { includeGroups: [`CN=Big,${groups}`] })).proof.complete).toBe(false);
    expect((await read(content)).proof.complete).toBe(true);
  });

  it('C1 tells without reading whether a read had the scope that is configured', async () => {
    const { proof } = await read(user('ada'));
    const file = join(folder, 'users.ldif');

    expect(source({ file }).hasScope?.(proof.scopeKey)).toBe(true);
    expect(source({ file, filter: '(department=Sales)' }).hasScope?.(proof.scopeKey)).toBe(false);
    expect(source({ file: join(folder, 'other.ldif') }).hasScope?.(proof.scopeKey)).toBe(false);
  });

  it.each([['(department=Sales'], ['(ou:dn:=Staff)']])('refuses the filter %s before it reads', async (filter) => {
    const error = await failure(
      source({ file: join(folder, 'none.ldif'), filter }).read({ onPage: () => undefined, onRestart: () => undefined }, firstReadRequest),
    );

    expect(error.code).toBe('DIRECTORY_FILTER_INVALID');
  });
});
