import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Control, SearchRequest } from 'ldapts';
import { RollcallError } from '../../../core/errors.ts';
import { encodeFilter } from '../filter/encode-filter.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import type { DirectoryDeadlines, ServerAddress } from './config.ts';
import { type AnswerSink, LdapConnection } from './connection.ts';
import { decodeEntry, type LdapEntry } from './entry-decoder.ts';
import { resultCodes, searchError } from './ldap-error.ts';
import type { LdapResult } from './messages.ts';
import { openSocket } from './open-socket.ts';
import { asRefusedCertificate, signIn, whoAmI } from './sign-in/sign-in.ts';
import type { TlsTrust } from './tls-trust.ts';

export interface SessionOptions {
  readonly directory: string;
  readonly address: ServerAddress;
  readonly trust: TlsTrust;
  readonly deadlines: DirectoryDeadlines;
  /** Both empty: the certificate of `trust` signs in. */
  readonly bindDn: string;
  readonly password: string;
  readonly ending: AbortSignal;
}

export interface SearchWords {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: LdapFilter;
  readonly attributes: readonly string[];
  readonly controls?: readonly Control[];
}

/** Any entry; every entry has a class. */
export const anything: LdapFilter = { kind: 'present', attribute: 'objectClass' };

/** MaxQueryDuration of Active Directory's default query policy. */
const maxServerSeconds = 120;

/** A connection that is signed in: connected, encrypted and bound as one unit, made for one read and never used again. */
export class DirectorySession implements AsyncDisposable {
  readonly server: string;
  readonly directory: string;
  /** The TLS version; `null`: not encrypted. */
  readonly protocol: string | null;
  /** What the server showed of itself; `null`: not encrypted. */
  readonly certificate: X509Certificate | null;
  private readonly connection: LdapConnection;
  private readonly serverSeconds: number;
  private identity: Promise<string | null> | null = null;
  private knownIdentity: string | null = null;

  private constructor(connection: LdapConnection, socket: Socket, options: SessionOptions) {
    this.connection = connection;
    this.protocol = socket instanceof TLSSocket ? socket.getProtocol() : null;
    this.certificate = socket instanceof TLSSocket ? (socket.getPeerX509Certificate() ?? null) : null;
    this.server = options.address.url;
    this.directory = options.directory;
    // The server gives up first, and says so: an answer is better than a cut connection.
    this.serverSeconds = Math.max(1, Math.min(maxServerSeconds, Math.floor((options.deadlines.requestMs * 0.8) / 1000)));
  }

  /** Opens a session that is signed in and confirmed. Throws `RollcallError`; nothing stays open then. */
  static async open(options: SessionOptions): Promise<DirectorySession> {
    const session = await DirectorySession.bind(options);
    try {
      await session.confirm();
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Opens a session that is signed in, and saves the exchange that would confirm it: `confirm` is to be awaited, together with the first
   * requests perhaps, before an answer is believed. Throws as `open` does.
   */
  static async bind(options: SessionOptions): Promise<DirectorySession> {
    const { directory, address, deadlines, ending } = options;
    const socket = await openSocket(options).catch((error: unknown) => {
      throw asRefusedCertificate(error, options);
    });
    const { requestMs, idleMs } = deadlines;
    const connection = new LdapConnection(socket, { directory, server: address.url, requestMs, idleMs, ending });
    try {
      await signIn(connection, options);
      return new DirectorySession(connection, socket, options);
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The server's own account of who signed in (`u:CORP\\svc`, `dn:…`); `null` when it cannot tell, or was not asked yet. */
  get authorizationId(): string | null {
    return this.knownIdentity;
  }

  /** Asks, once, as whom the server signed us in. Throws `DIRECTORY_BIND_REJECTED` when it is nobody. */
  async confirm(): Promise<void> {
    this.identity ??= whoAmI(this.connection, this);
    this.knownIdentity = await this.identity;
  }

  /** Sends one search; the result may be a failure, which the caller judges. */
  search(words: SearchWords, sink: AnswerSink): Promise<LdapResult> {
    return this.connection.request(
      (messageId) =>
        new SearchRequest({
          messageId,
          baseDN: words.base,
          scope: words.scope,
          filter: encodeFilter(words.filter),
          attributes: [...words.attributes],
          timeLimit: this.serverSeconds,
          ...(words.controls === undefined ? {} : { controls: [...words.controls] }),
        }),
      sink,
    );
  }

  /** Reads one entry by its DN, without paging, which some servers refuse here. `what` names it in the error. */
  async readOne(base: string, attributes: readonly string[], what: string): Promise<LdapEntry> {
    let entry: LdapEntry | null = null;
    const result = await this.search(
      { base, scope: 'base', filter: anything, attributes },
      {
        onEntry: (reader) => {
          entry ??= decodeEntry(reader);
        },
      },
    );
    const place = { directory: this.directory, server: this.server, base };
    if (result.code !== resultCodes.success) throw searchError(result, what, place);
    // Active Directory hides what may not be read: success without an entry.
    if (entry === null)
      throw new RollcallError('DIRECTORY_RIGHTS', `${this.server} (directory "${this.directory}"): ${what} cannot be read`, { place });
    return entry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }
}
