import type { PolicyFacts } from '../../../../core/ports/directory-examination.ts';
import { firstText } from '../entry-decoder.ts';
import { resultCodes } from '../ldap-error.ts';
import type { DirectorySession } from '../session.ts';

const dayTicks = 864_000_000_000n;
/** MaxInt64 with its sign turned, and zero: no password ever expires. */
const endless: ReadonlySet<string> = new Set(['-9223372036854775808', '0']);

/** Reads the domain's password policy, and counts the fine-grained ones that can be seen: by default only administrators see them. */
export async function readPolicy(session: DirectorySession, base: string): Promise<PolicyFacts> {
  const root = await session.readOne(base, ['maxPwdAge'], 'the root of the domain');
  let finePolicies = 0;
  const result = await session.search(
    {
      base: `CN=Password Settings Container,CN=System,${base}`,
      scope: 'sub',
      filter: { kind: 'equal', attribute: 'objectClass', value: 'msDS-PasswordSettings' },
      attributes: ['1.1'],
    },
    {
      onEntry: () => {
        finePolicies += 1;
      },
    },
  );
  return { maxAgeDays: daysOf(firstText(root, 'maxPwdAge')), finePolicies: result.code === resultCodes.success ? finePolicies : 0 };
}

/** A negative number of ticks of 100 ns. */
function daysOf(text: string | null): PolicyFacts['maxAgeDays'] {
  if (text === null || !/^-?\d{1,19}$/.test(text)) return null;
  return endless.has(text) ? 'never' : Number(-BigInt(text) / dayTicks);
}
