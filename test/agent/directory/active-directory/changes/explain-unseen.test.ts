import { describe, expect, it } from 'vitest';
import { BerReader } from '../../../../../agent/directory/active-directory/ber-reader.ts';
import { explainUnseen } from '../../../../../agent/directory/active-directory/changes/explain-unseen.ts';
import type { DirectorySession } from '../../../../../agent/directory/active-directory/session.ts';
import type { LdapFilter } from '../../../../../agent/directory/filter/parse-filter.ts';
import { parseGuid } from '../../../../../core/active-directory/object-guid.ts';
import { searchEntry } from '../encode.ts';

const root = 'DC=corp,DC=test';
const staff = `OU=Staff,${root}`;
const id = '00000001-4a11-4c22-8fa5-a5a5a5a5a5a5';
const people: LdapFilter = { kind: 'equal', attribute: 'department', value: 'Sales' };

/** What the search asks besides the ids: for those in scope, for those who do not meet it, or for anybody. */
type Question = 'scope' | 'not the scope' | 'anybody';

function questionOf(filter: LdapFilter): Question {
  if (filter.kind !== 'and') return 'anybody';
  return filter.parts.some(({ kind }) => kind === 'not') ? 'not the scope' : 'scope';
}

/** A server that brings the user, at a DN, to these questions alone. */
function bringing(dn: string, questions: readonly Question[]): DirectorySession {
  const session: Pick<DirectorySession, 'search' | 'directory' | 'server'> = {
    directory: 'corp',
    server: 'ldaps://dc1.corp.test',
    search({ filter }, sink) {
      const guid = Buffer.from(parseGuid(id) ?? []);
      if (questions.includes(questionOf(filter))) sink.onEntry?.(new BerReader(searchEntry(dn, { objectGUID: [guid] })));
      const nothing = { matchedDn: '', message: '', referrals: [], dirSync: null, extendedName: null, extendedValue: null };
      return Promise.resolve({ code: 0, cookie: Buffer.alloc(0), ...nothing });
    },
  };
  return session as DirectorySession;
}

describe('a user that changed and did not come', () => {
  it.each<[string, string, readonly Question[], string, boolean]>([
    ['is out of scope when the server says that the filter does not hold', staff, ['not the scope', 'anybody'], 'out-of-scope', false],
    ['is out of scope outside the bases', `OU=Former,${root}`, ['anybody'], 'out-of-scope', false],
    ['is nothing that is known when it is there, within the bases, and meets neither', staff, ['anybody'], 'unproven', false],
    ['is nothing that is known when it is nowhere', staff, [], 'unproven', false],
    ['makes the read not whole when it comes at the second asking', staff, ['scope', 'anybody'], 'unproven', true],
  ])('C1 C10 %s', async (...[, parent, questions, found, isGap]) => {
    const session = bringing(`CN=Ann,${parent}`, questions);

    const { evidence, gap } = await explainUnseen(session, { ids: [id], bases: [staff], people, domainRoot: root });

    expect(evidence.map((item) => [item.immutableId, item.found])).toEqual([[id, found]]);
    expect(gap !== null).toBe(isGap);
  });
});
