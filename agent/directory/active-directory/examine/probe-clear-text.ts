import { BindRequest } from 'ldapts';
import { RollcallError } from '../../../../core/errors.ts';
import { LdapConnection } from '../connection.ts';
import { describeResult, resultCodes } from '../ldap-error.ts';
import { type OpenOptions, openSocket } from '../open-socket.ts';

/** The name tells whoever finds it in the log of failed sign-ins where it comes from; there is no such account anywhere. */
const nobody = { dn: 'CN=rollcall doctor looks whether clear text is refused,DC=invalid', password: 'made-up' } as const;

const refusals: ReadonlySet<number> = new Set([resultCodes.strongerAuthRequired, resultCodes.confidentialityRequired]);

/**
 * Tries to sign in without encryption as somebody who does not exist, so that no secret is sent. A controller that wants signing or
 * encryption refuses before it looks at name and password (result 8); one that says that they are wrong has looked at them. Throws
 * when the connection fails, or the answer tells neither.
 */
export async function probeClearText({ address, ...options }: OpenOptions & { readonly port: number }): Promise<'refused' | 'looked at'> {
  const { directory, port, deadlines, ending } = options;
  const plain = { ...address, url: `ldap://${address.host}${port === 389 ? '' : `:${port}`}`, port, security: 'none' } as const;
  const socket = await openSocket({ ...options, address: plain });
  await using connection = new LdapConnection(socket, {
    directory,
    server: plain.url,
    requestMs: deadlines.requestMs,
    idleMs: deadlines.idleMs,
    ending,
  });
  const result = await connection.request((messageId) => new BindRequest({ messageId, ...nobody }));
  if (refusals.has(result.code)) return 'refused';
  if (result.code === resultCodes.invalidCredentials) return 'looked at';
  const place = { directory, server: plain.url };
  throw new RollcallError('DIRECTORY_PROTOCOL', `${plain.url} (directory "${directory}") answered: ${describeResult(result)}`, { place });
}
