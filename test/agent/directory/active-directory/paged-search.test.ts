import { expect, it } from 'vitest';
import { BerReader } from '../../../../agent/directory/active-directory/ber-reader.ts';
import { searchPages } from '../../../../agent/directory/active-directory/paged-search.ts';
import type { DirectorySession } from '../../../../agent/directory/active-directory/session.ts';
import { searchEntry } from './encode.ts';

const words = {
  base: 'DC=corp,DC=test',
  filter: { kind: 'present', attribute: 'objectClass' },
  attributes: ['1.1'],
  pageSize: 1000,
  what: 'the containers',
} as const;

it('C1 takes no more of a list that is kept whole than memory has room for, however a server names its objects', async () => {
  let sent = 0;
  const session: Pick<DirectorySession, 'directory' | 'server' | 'search'> = {
    directory: 'corp',
    server: 'ldaps://dc1.corp.test',
    async search(_words, sink) {
      if (sent === 600) throw new Error('it went on asking');
      sent += 1;
      sink.onEntry?.(new BerReader(searchEntry(`CN=${sent}${'x'.repeat(1024 * 1024)},DC=corp,DC=test`, {})));
      return {
        code: 0,
        matchedDn: '',
        message: '',
        referrals: [],
        cookie: Buffer.from('more'),
        dirSync: null,
        extendedName: null,
        extendedValue: null,
      };
    },
  };

  expect(await searchPages(session, words, { onEntry: () => {} })).toContain('bytes of the containers');
});
