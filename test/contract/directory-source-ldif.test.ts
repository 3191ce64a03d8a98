import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createLdifSource, type LdifConfig } from '../../agent/directory/ldif/ldif-source.ts';
import { firstReadRequest } from '../../core/collect/first-read.ts';
import { plainEntry, sampleBase, sampleDirectory, userEntry } from '../sandbox/ldap/sample-directory.ts';
import { describeDirectorySource, failureOf, keepPhone, readAll } from './directory-source.contract.ts';
import { contractEntries, toLdif } from './directory-source.subjects.ts';

const directory = mkdtempSync(join(tmpdir(), 'rollcall-ldif-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function sourceOf(contents: string | Uint8Array, changes: Partial<LdifConfig> = {}) {
  const file = join(directory, 'users.ldif');
  writeFileSync(file, contents);
  const scope = { searchBases: [], filter: '', excludeOus: [], includeGroups: [], excludeGroups: [] };
  return createLdifSource({ name: 'export', file, ...scope, parsePhone: keepPhone, ...changes });
}

describeDirectorySource('an LDIF export', () =>
  Promise.resolve({
    hasFilter: true,
    source: (options = {}) => sourceOf(toLdif(sampleDirectory(contractEntries()).slice(1)), options),
    close: () => Promise.resolve(),
  }),
);

describe('an LDIF export', () => {
  const people = toLdif([userEntry(1), userEntry(2), userEntry(3)]);
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(people.replaceAll('\n', '\r\n'), 'utf16le')]);
  const byLdapsearch = `# extended LDIF\n#\n# LDAPv3\n\n${people.replace('version: 1\n\n', '')}# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 4\n# numEntries: 3\n`;

  it.each([
    ['with line ends of Windows', people.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${people}`],
    ['in UTF-16, as ldifde -u writes it', utf16],
    ['without a version', people.replace('version: 1\n\n', '')],
    ['with changetype, as ldifde writes it', people.replaceAll(/^(dn:.*)$/gm, '$1\nchangetype: add')],
    ['without an empty line after the last record (RFC 2849 asks for none)', people.replace(/\n+$/, '\n')],
    ['with comments', people.replaceAll(/^dn:/gm, '# a comment\n  that goes on\ndn:')],
    ['with the words of ldapsearch around it', byLdapsearch],
  ])('is read whole %s', async (_, contents) => {
    const { proof, entries } = await readAll(sourceOf(contents));

    expect(proof).toMatchObject({ complete: true, gaps: [], users: 3 });
    expect(entries.map(({ person }) => person.samAccountName)).toEqual(['user1', 'user2', 'user3']);
  });

  it.each([
    ['is cut off in a record', people.slice(0, -120)],
    ['says that a size limit ended the search', byLdapsearch.replace('result: 0 Success', 'result: 4 Size limit exceeded')],
    ['says that a time limit ended the search', byLdapsearch.replace('result: 0 Success', 'result: 3 Time limit exceeded')],
  ])('C1 proves nothing when it %s', async (_, contents) => {
    const outcome = await readAll(sourceOf(contents)).then(
      ({ proof }) => (proof.complete ? 'complete' : 'incomplete'),
      (error: { code?: string }) => error.code,
    );

    expect(['incomplete', 'LDIF_INVALID', 'DIRECTORY_INCOMPLETE']).toContain(outcome);
  });

  it.each([
    ['a line that is none', people.replace('\ncn: User 2', '\nthis is no attribute')],
    ['base64 that is none', people.replace('objectGUID:: ', 'objectGUID:: !!')],
  ])('names the line of %s', async (_, contents) => {
    const error = await failureOf(readAll(sourceOf(contents)));

    expect(error.code).toBe('LDIF_INVALID');
    expect(error.message).toMatch(/line \d+/);
  });

  it('says which file it cannot read', async () => {
    const file = join(directory, 'missing.ldif');

    const error = await failureOf(readAll(sourceOf(people, { file })));

    expect(error.code).toBe('LDIF_UNREADABLE');
    expect(error.message).toContain(file);
  });

  it('does not read other files that it names', async () => {
    const secret = join(directory, 'secret.txt');
    writeFileSync(secret, 'do-not-read-me');

    const reading = readAll(sourceOf(people.replace('\ntitle: Analyst', `\ntitle:< ${pathToFileURL(secret).href}`)));
    const seen = await reading.then(
      ({ entries }) => JSON.stringify(entries),
      (error: Error) => error.message,
    );

    expect(seen).not.toContain('do-not-read-me');
  });

  it('C2 leaves out what is no person', async () => {
    const computer = userEntry(11, {
      sAMAccountName: 'PC1$',
      sAMAccountType: '805306369',
      userAccountControl: '4096',
      objectClass: ['top', 'user', 'computer'],
    });
    const guest = userEntry(12, { sAMAccountName: 'Guest', isCriticalSystemObject: 'TRUE' });
    const contact = plainEntry(`CN=Olga,OU=Staff,${sampleBase}`, ['person', 'contact'], {
      givenName: 'Olga',
      mail: 'olga@outside.example',
    });
    const { entries } = await readAll(sourceOf(toLdif([userEntry(1), computer, guest, contact])));

    expect(entries.map(({ person }) => person.samAccountName)).toEqual(['user1']);
  });

  it('hands over a user once who stands in it twice, and reports one without identity', async () => {
    const { proof, entries } = await readAll(sourceOf(toLdif([userEntry(1), userEntry(1), userEntry(2, { objectGUID: null })])));

    expect(entries).toHaveLength(1);
    expect(proof.rejected).toHaveLength(1);
  });

  it('keeps to the scope: bases, OUs, groups that contain each other', async () => {
    const groups = `OU=Groups,${sampleBase}`;
    const outer = plainEntry(`CN=outer,${groups}`, ['group'], { member: [`CN=inner,${groups}`] });
    const inner = plainEntry(`CN=inner,${groups}`, ['group'], { member: [`CN=outer,${groups}`, userEntry(2).dn] });
    const contents = toLdif(
      sampleDirectory([userEntry(1), userEntry(2), userEntry(3, {}, `OU=Former Staff,${sampleBase}`), outer, inner]).slice(1),
    );
    const names = async (changes: Partial<LdifConfig>) =>
      (await readAll(sourceOf(contents, changes))).entries.map(({ person }) => person.samAccountName);

    expect(await names({ searchBases: [`OU=Former Staff,${sampleBase}`] })).toEqual(['user3']);
    expect(await names({ excludeOus: [`OU=Staff,${sampleBase}`, `OU=Services,${sampleBase}`] })).toEqual(['user3']);
    expect(await names({ includeGroups: [`CN=outer,${groups}`] })).toEqual(['user2']);
    expect(await names({ excludeGroups: [`CN=outer,${groups}`], searchBases: [`OU=Staff,${sampleBase}`] })).toEqual(['user1']);
    expect(await names({ filter: '(&(sAMAccountName=user*)(!(sn=Sample 1)))' })).toEqual(['user2', 'user3']);
  });

  it('reads 20,000 users page by page', async () => {
    const contents = toLdif(Array.from({ length: 20_000 }, (_, index) => userEntry(index + 1)));
    let biggest = 0;

    const { proof } = await sourceOf(contents).read(
      {
        onPage: (page) => void (biggest = Math.max(biggest, page.length)),
        onRestart: () => undefined,
      },
      firstReadRequest,
    );

    expect(proof.users).toBe(20_000);
    expect(biggest).toBeLessThanOrEqual(1000);
  });
});
