import { BindRequest, ExtendedRequest } from 'ldapts';
import { RollcallError } from '../../../../core/errors.ts';
import type { LdapConnection } from '../connection.ts';
import { bindError, describeResult, resultCodes } from '../ldap-error.ts';
import type { LdapResult } from '../messages.ts';
import type { SessionOptions } from '../session.ts';
import { codeOf } from '../socket-error.ts';

type SignInOptions = Pick<SessionOptions, 'directory' | 'address' | 'trust' | 'bindDn' | 'password'>;

const whoAmIName = '1.3.6.1.4.1.4203.1.11.3';

/** Signs in on a connection that is encrypted: with the client certificate if there is one, else with name and password. */
export async function signIn(connection: LdapConnection, options: SignInOptions): Promise<void> {
  const { directory, address, trust, bindDn, password } = options;
  if (trust.client != null) {
    await signInByCertificate(connection, options, trust.client.file);
    return;
  }
  const bound = await connection.request((messageId) => new BindRequest({ messageId, dn: bindDn, password }));
  if (bound.code !== resultCodes.success) throw bindError(bound, { directory, server: address.url });
}

/**
 * Active Directory has signed in whoever shows a certificate on the LDAPS port before the first request, and refuses a bind there; after
 * StartTLS it wants SASL EXTERNAL, as other servers do everywhere.
 */
async function signInByCertificate(connection: LdapConnection, options: SignInOptions, file: string): Promise<void> {
  const { directory, address } = options;
  const place = { directory, server: address.url };
  const bound = await bindExternally(connection, options).catch((error: unknown) => {
    const judged = asRefusedCertificate(error, options);
    throw judged instanceof RollcallError && judged.code === 'DIRECTORY_UNREACHABLE' ? withSuspicion(judged, file) : judged;
  });
  if (bound === null || bound.code === resultCodes.success) return;
  if (bound.code === resultCodes.busy || bound.code === resultCodes.unavailable) throw bindError(bound, place);
  const message = `${address.url} (directory "${directory}") signs nobody in by the certificate ${file}: ${describeResult(bound)}`;
  throw new RollcallError('DIRECTORY_BIND_REJECTED', message, { place });
}

/** `null`: it was not needed. */
async function bindExternally(connection: LdapConnection, { address }: SignInOptions): Promise<LdapResult | null> {
  if (address.security === 'tls') {
    const who = await connection.request((messageId) => new ExtendedRequest({ messageId, oid: whoAmIName }));
    if (who.code === resultCodes.success && (who.extendedValue ?? '') !== '') return null;
  }
  return await connection.request((messageId) => new BindRequest({ messageId, mechanism: 'EXTERNAL' }));
}

/** As whom the server signed us in, by its own account. Throws `DIRECTORY_BIND_REJECTED` when it is nobody. */
export async function whoAmI(
  connection: LdapConnection,
  { directory, server }: { readonly directory: string; readonly server: string },
): Promise<string | null> {
  const who = await connection.request((messageId) => new ExtendedRequest({ messageId, oid: whoAmIName }));
  // Not every server has it; a refusal says nothing about the sign-in.
  if (who.code !== resultCodes.success) return null;
  if (who.extendedValue === null || who.extendedValue === '') {
    const message = `${server} (directory "${directory}") accepted the sign-in, but as nobody`;
    throw new RollcallError('DIRECTORY_BIND_REJECTED', message, { place: { directory, server } });
  }
  return who.extendedValue;
}

/** The alerts of TLS by which a server says what it has against a client's certificate (RFC 8446 section 6.2). */
const alerts: ReadonlyMap<string, string> = new Map([
  ['BAD_CERTIFICATE', 'it takes it for damaged'],
  ['UNSUPPORTED_CERTIFICATE', 'it takes no certificate of that kind'],
  ['CERTIFICATE_REVOKED', 'it is revoked'],
  ['CERTIFICATE_EXPIRED', 'it has expired, by the clock of the server'],
  ['CERTIFICATE_UNKNOWN', 'it does not accept it'],
  ['UNKNOWN_CA', 'it does not trust its issuer'],
  ['ACCESS_DENIED', 'it grants it no access'],
  ['DECRYPT_ERROR', 'its signature cannot be verified'],
  ['CERTIFICATE_REQUIRED', 'it got none'],
]);

/** The failure of a connection in words about the certificate, if that is what the server broke it off for. */
export function asRefusedCertificate(error: unknown, { directory, address, trust }: Omit<SignInOptions, 'bindDn' | 'password'>): unknown {
  if (trust.client == null || !(error instanceof RollcallError)) return error;
  const alert = /^ERR_SSL_.*_ALERT_(.+)$/.exec(codeOf(error.cause) ?? '')?.[1] ?? '';
  const why = alerts.get(alert);
  if (why === undefined) return error;
  const message = `${address.url} (directory "${directory}") refuses the certificate ${trust.client.file}: ${why}`;
  return new RollcallError('DIRECTORY_BIND_REJECTED', message, { place: { directory, server: address.url }, cause: error });
}

/** Some servers refuse a certificate without a word, once TLS stands on our side. It may be a failure of theirs all the same. */
function withSuspicion(error: RollcallError, file: string): RollcallError {
  const message = `${error.message}; so does a server that refuses the certificate ${file}`;
  return new RollcallError(error.code, message, { place: error.place, cause: error });
}
