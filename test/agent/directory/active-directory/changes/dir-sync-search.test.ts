import { describe, expect, it } from 'vitest';
import { BerReader } from '../../../../../agent/directory/active-directory/ber-reader.ts';
import { searchDirSync } from '../../../../../agent/directory/active-directory/changes/dir-sync-search.ts';
import type { DirectorySession } from '../../../../../agent/directory/active-directory/session.ts';
import { searchEntry } from '../encode.ts';

type Answers = Iterable<{ readonly entries: readonly Buffer[]; readonly more: boolean }>;

/** A session whose server gives these answers, one after the other. */
function answering(answers: Answers): Pick<DirectorySession, 'search'> {
  const waiting = answers[Symbol.iterator]();
  return {
    async search(_words, sink) {
      const next = waiting.next();
      if (next.done === true) throw new Error('asked once more than there are answers');
      for (const entry of next.value.entries) sink.onEntry?.(new BerReader(entry));
      return {
        code: 0,
        matchedDn: '',
        message: '',
        referrals: [],
        cookie: null,
        dirSync: { more: next.value.more, cookie: Buffer.from('mark') },
        extendedName: null,
        extendedValue: null,
      };
    },
  };
}

const words = { base: 'DC=corp,DC=test', filter: { kind: 'present', attribute: 'objectClass' }, attributes: ['name'] } as const;

function search(answers: Answers) {
  return searchDirSync(answering(answers), words, Buffer.from('before'));
}

function entry(dn: string, number = 1): Buffer {
  const guid = Buffer.alloc(16);
  guid.writeUInt32BE(number);
  return searchEntry(dn, { objectGUID: [guid], 'member;range=1-1': ['CN=X'] });
}

describe('the search for changes by DirSync', () => {
  it('goes on to the answer that says that there is no more', async () => {
    const found = await search([
      { entries: [entry('CN=A,DC=corp,DC=test', 1)], more: true },
      { entries: [], more: true },
      { entries: [entry('CN=B,DC=corp,DC=test', 2)], more: false },
    ]);

    expect(found).toMatchObject({ ok: true, objects: [{ dn: 'CN=A,DC=corp,DC=test' }, { dn: 'CN=B,DC=corp,DC=test' }] });
  });

  it('knows an object by its DN where that is told with ids before it', async () => {
    const found = await search([{ entries: [entry('<GUID=0011>;<SID=0105>;DC=corp,DC=test')], more: false }]);

    expect(found).toMatchObject({ ok: true, objects: [{ dn: 'DC=corp,DC=test', attributes: new Set(['objectguid', 'member']) }] });
  });

  it('C9 leaves it to a read of everything when one answer tells of more than is worth listing', async () => {
    const entries = Array.from({ length: 20_002 }, (_, index) => entry(`CN=${index},DC=corp,DC=test`, index));

    expect(await search([{ entries, more: false }])).toEqual({ ok: false, because: 'more has changed than is worth listing' });
  });

  it('keeps little of what a server sends, however long it makes its names', async () => {
    const long = entry(`CN=${'x'.repeat(1024 * 1024)},DC=corp,DC=test`);
    function* endless(): Generator<{ readonly entries: readonly Buffer[]; readonly more: boolean }> {
      for (let sent = 0; sent < 200; sent += 1) yield { entries: [long], more: true };
    }

    expect(await search(endless())).toEqual({ ok: false, because: 'more has changed than is worth listing' });
  });
});
