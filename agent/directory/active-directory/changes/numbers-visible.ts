import type { LdapFilter } from '../../filter/parse-filter.ts';
import { resultCodes } from '../ldap-error.ts';
import { pagedResults } from '../messages.ts';
import type { DirectorySession } from '../session.ts';
import { changedPeople } from './watched-changes.ts';

const numbered: LdapFilter = { kind: 'and', parts: [changedPeople, { kind: 'atLeast', attribute: 'uSNChanged', value: '1' }] };

/**
 * Whether the account can read the numbers by which changes are told (uSNChanged), wherever there are users: what may not be read meets
 * no filter, so that nothing would ever seem to change. Looks at one user below each base.
 */
export async function numbersVisible(session: DirectorySession, bases: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(
    bases.map(async (base) => {
      const [isAnybody, isNumbered] = await Promise.all([hasAny(session, base, changedPeople), hasAny(session, base, numbered)]);
      return isNumbered || !isAnybody;
    }),
  );
  return answers.every((answer) => answer);
}

async function hasAny(session: DirectorySession, base: string, filter: LdapFilter): Promise<boolean> {
  let found = 0;
  const result = await session.search(
    { base, scope: 'sub', filter, attributes: ['1.1'], controls: [pagedResults(1, null)] },
    { onEntry: () => (found += 1) },
  );
  return result.code === resultCodes.success && found > 0;
}
