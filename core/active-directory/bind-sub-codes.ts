/** The sub-codes that Active Directory puts into a refused sign-in, as "data 52e" in its message. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['525', 'there is no such user'],
  ['52e', 'the password is wrong'],
  ['530', 'the account may not sign in at this hour'],
  ['531', 'the account may not sign in from this machine'],
  ['532', 'the password has expired'],
  ['533', 'the account is disabled'],
  ['701', 'the account has expired'],
  ['773', 'the password must be changed first'],
  ['775', 'the account is locked out'],
]);

/** Why a sign-in was refused, in words; `subCode` is `null` when the server told none. */
export function refusalWords(subCode: string | null): string {
  if (subCode === null) return 'user name or password is wrong';
  return meanings.get(subCode) ?? `the server says sub-code ${subCode}`;
}
