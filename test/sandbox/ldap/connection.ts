import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { header, octets, readElement } from './ber.ts';
import type { LdapEntry } from './entry.ts';
import { type Fault, type FaultPlan, type SearchFault, type SearchKind, strongAuthRequired } from './faults.ts';
import { filterText } from './filter.ts';
import {
  answerTag,
  disconnectionOid,
  entryMessage,
  extendedMessage,
  type LdapRequest,
  type LdapResult,
  parseRequest,
  referenceMessage,
  resultMessage,
  startTlsOid,
  whoAmIOid,
} from './message.ts';
import { EntrySearch, kindOf, type Page } from './search.ts';
import type { LdapAccount, LdapStandInOptions, Received } from './server.ts';

const garbage = Buffer.from('HTTP/1.1 400 Bad Request\r\nServer: not-a-directory\r\n\r\n', 'latin1');
const dripEveryMs = 20;

export interface ConnectionParts {
  readonly number: number;
  readonly socket: Socket;
  readonly options: LdapStandInOptions & { readonly scheme: 'ldap' | 'ldaps' };
  readonly faults: FaultPlan;
  onReceived(request: Received): void;
  onSecured(askedName: string): void;
  onClear(bytes: Buffer): void;
}

/** One client's connection: TLS, binds and searches in the order of arrival. */
export class LdapConnection {
  readonly #parts: ConnectionParts;
  readonly #search: EntrySearch;
  #stream: Socket;
  #secure = false;
  #pending: Buffer = Buffer.alloc(0);
  #account: LdapAccount | null = null;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#stream = parts.socket;
    const root = parts.options.entries.find((entry) => entry.dn === '');
    this.#search = new EntrySearch(parts.options.entries, (root?.attributes['namingContexts'] ?? []).map(String));
  }

  start(): void {
    const fault = this.#parts.faults.strike((candidate) => candidate.at === 'connect');
    if (fault === 'stall') {
      this.#stream.resume();
      return;
    }
    if (fault === 'drop') {
      this.#reset();
      return;
    }
    if (fault === 'garbage') this.#stream.write(garbage);
    if (this.#parts.options.scheme === 'ldaps') this.#startTls();
    else this.#listen();
  }

  #listen(): void {
    this.#stream.on('data', (bytes: Buffer) => {
      if (!this.#secure) this.#parts.onClear(bytes);
      this.#pending = Buffer.concat([this.#pending, bytes]);
      try {
        this.#takeMessages();
      } catch {
        this.#stream.destroy();
      }
    });
  }

  #takeMessages(): void {
    for (let read = readElement(this.#pending); read !== null; read = readElement(this.#pending)) {
      this.#pending = this.#pending.subarray(read.next);
      this.#answer(parseRequest(read.element));
    }
  }

  #startTls(): void {
    const fault = this.#parts.faults.strike((candidate) => candidate.at === 'handshake');
    const { socket, options } = this.#parts;
    socket.removeAllListeners('data');
    if (fault === 'stall') {
      socket.resume();
      return;
    }
    if (fault === 'drop') {
      socket.once('data', () => this.#reset());
      socket.resume();
      return;
    }
    if (fault === 'garbage') {
      socket.once('data', () => socket.write(garbage));
      socket.resume();
      return;
    }
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext({ key: options.certificate?.key, cert: options.certificate?.cert }),
      requestCert: options.accounts?.some(({ certificate }) => certificate !== undefined) === true,
    });
    // Active Directory's way: on the port for TLS the certificate signs in by itself (MS-ADTS 5.1.1.2).
    if (options.scheme === 'ldaps') secured.on('secure', () => (this.#account = this.#accountOfCertificate()));
    secured.on('secure', () => this.#parts.onSecured(typeof secured.servername === 'string' ? secured.servername : ''));
    secured.on('error', () => socket.destroy());
    secured.on('close', () => socket.destroy());
    this.#stream = secured;
    this.#secure = true;
    this.#listen();
  }

  #answer(request: LdapRequest): void {
    switch (request.operation) {
      case 'bind':
        this.#bind(request);
        return;
      case 'search':
        this.#searched(request);
        return;
      case 'extended':
        this.#extended(request.id, request.oid);
        return;
      case 'unbind':
        this.#record({ operation: 'unbind' });
        this.#stream.end();
        return;
      case 'abandon':
      case 'other':
        this.#record({ operation: request.operation });
    }
  }

  #record(request: Omit<Received, 'connection' | 'secure'>): void {
    this.#parts.onReceived({ connection: this.#parts.number, secure: this.#secure, ...request });
  }

  #bind({ id, dn, password, mechanism }: LdapRequest & { operation: 'bind' }): void {
    this.#record({ operation: 'bind', dn, password, ...(mechanism === null ? {} : { mechanism }) });
    const fault = this.#parts.faults.strike((candidate) => candidate.at === 'bind');
    if (this.#misbehaves(fault)) return;
    const judge = (): LdapResult => (mechanism === null ? this.#bindResult(dn, password) : this.#saslResult(mechanism));
    const result = fault !== null && typeof fault === 'object' ? fault : judge();
    this.#stream.write(resultMessage(id, answerTag.bind, result));
  }

  #bindResult(dn: string, password: string | null): LdapResult {
    this.#account = null;
    // RFC 4513 §5.1.2: a name without a password is an unauthenticated bind, and succeeds.
    if (password === null || password === '') return { code: 0 };
    if (this.#parts.options.requiresEncryption === true && !this.#secure) return strongAuthRequired;
    const account = this.#parts.options.accounts?.find((candidate) =>
      candidate.names.some((name) => name.toLowerCase() === dn.toLowerCase()),
    );
    if (account === undefined || account.password !== password) {
      return { code: 49, message: `80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data 52e, v4f7c` };
    }
    this.#account = account;
    return { code: 0 };
  }

  #saslResult(mechanism: string): LdapResult {
    this.#account = null;
    if (mechanism !== 'EXTERNAL') return { code: 7, message: 'unknown mechanism' };
    if (this.#parts.options.scheme === 'ldaps') return { code: 53, message: 'an EXTERNAL bind is not allowed on this port' };
    this.#account = this.#accountOfCertificate();
    return this.#account === null ? { code: 49, message: 'no account for the certificate' } : { code: 0 };
  }

  #accountOfCertificate(): LdapAccount | null {
    if (!(this.#stream instanceof TLSSocket)) return null;
    const shown = this.#stream.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
    return this.#parts.options.accounts?.find(({ certificate }) => certificate !== undefined && certificate === shown) ?? null;
  }

  #extended(id: number, oid: string): void {
    if (oid === startTlsOid) {
      this.#record({ operation: 'starttls' });
      const fault = this.#parts.faults.strike((candidate) => candidate.at === 'starttls');
      if (this.#misbehaves(fault)) return;
      const refused = fault !== null && typeof fault === 'object' ? fault : null;
      if (refused !== null || this.#parts.options.certificate === undefined) {
        this.#stream.write(
          extendedMessage(
            id,
            refused ?? { code: 52, message: '00000000: LdapErr: DSID-0C0912F8, comment: Error initializing SSL/TLS, data 0' },
          ),
        );
        return;
      }
      // The client's first words of TLS may be here before the answer is known to be sent.
      this.#stream.removeAllListeners('data');
      this.#stream.pause();
      this.#stream.write(extendedMessage(id, { code: 0 }, { oid }), () => this.#startTls());
      return;
    }
    if (oid === whoAmIOid) {
      this.#record({ operation: 'whoami' });
      const fault = this.#parts.faults.strike((candidate) => candidate.at === 'whoami');
      if (this.#misbehaves(fault)) return;
      const identity = this.#account === null ? '' : `u:${this.#account.identity ?? this.#account.names[0] ?? ''}`;
      const result = fault !== null && typeof fault === 'object' ? fault : { code: 0 };
      this.#stream.write(extendedMessage(id, result, { value: identity }));
      return;
    }
    this.#record({ operation: 'extended' });
    this.#stream.write(extendedMessage(id, { code: 2, message: `unknown extended request ${oid}` }));
  }

  /** Carries out the faults that are no answer; tells whether it did. */
  #misbehaves(fault: string | object | null): boolean {
    if (fault === 'stall') return true;
    if (fault === 'drop') this.#reset();
    if (fault === 'garbage') this.#stream.write(garbage);
    return fault === 'drop' || fault === 'garbage';
  }

  #searched(request: LdapRequest & { operation: 'search' }): void {
    const kind = kindOf(request);
    const page = this.#search.find(request, request.paging);
    this.#record({
      operation: 'search',
      search: {
        kind,
        base: request.base,
        scope: request.scope,
        filter: filterText(request.filter),
        attributes: request.attributes,
        pageSize: request.paging?.size ?? null,
        page: page.number,
        sizeLimit: request.sizeLimit,
        timeLimit: request.timeLimit,
      },
    });
    const refusal = this.#refusal(request, kind);
    if (refusal !== null) {
      this.#stream.write(resultMessage(request.id, answerTag.searchDone, refusal));
      return;
    }
    const fault = this.#parts.faults.strike((candidate): candidate is Fault & { at: 'search' } => isFor(candidate, kind, page.number));
    if (fault === null) this.#sendPage(request.id, page);
    else if (!this.#misbehaves(fault)) this.#sendFaulty(request.id, page, fault);
  }

  #refusal(request: LdapRequest & { operation: 'search' }, kind: string): LdapResult | null {
    const anonymous = this.#account === null;
    if (kind === 'root') {
      // A paged control on an anonymous read of the root is refused though the plain read works.
      return anonymous && request.paging !== null ? { code: 1, message: '000004DC: LdapErr: DSID-0C090CF4, data 0' } : null;
    }
    if (!anonymous) return null;
    return {
      code: 1,
      message:
        '000004DC: LdapErr: DSID-0C090CF4, comment: In order to perform this operation a successful bind must be completed on the connection., data 0, v4f7c',
    };
  }

  #sendPage(id: number, page: Page): void {
    this.#sendEntries(id, page.entries);
    this.#stream.write(resultMessage(id, answerTag.searchDone, page.result, page.cookie ?? undefined));
  }

  #sendEntries(id: number, entries: readonly LdapEntry[]): void {
    if (entries.length > 0) this.#stream.write(Buffer.concat(entries.map((entry) => entryMessage(id, entry.dn, entry.attributes))));
  }

  #sendFaulty(id: number, page: Page, fault: SearchFault): void {
    if (typeof fault === 'object') {
      if (fault.entries === true) this.#sendEntries(id, page.entries);
      this.#stream.write(resultMessage(id, answerTag.searchDone, fault.result, fault.cookie === true ? page.again() : ''));
      return;
    }
    switch (fault) {
      case 'drop-in-page': {
        const half = page.entries.slice(0, Math.ceil(page.entries.length / 2));
        this.#stream.write(Buffer.concat(half.map((entry) => entryMessage(id, entry.dn, entry.attributes))), () => this.#reset());
        return;
      }
      case 'empty-page':
        this.#stream.write(resultMessage(id, answerTag.searchDone, { code: 0 }, page.again()));
        return;
      case 'repeat-page':
        this.#sendEntries(id, page.entries);
        this.#stream.write(resultMessage(id, answerTag.searchDone, { code: 0 }, page.again()));
        return;
      case 'no-control':
        this.#sendEntries(id, page.entries);
        this.#stream.write(resultMessage(id, answerTag.searchDone, { code: 0 }));
        return;
      case 'huge-length':
        this.#stream.write(header(0x30, 0x7fff_ffff));
        return;
      case 'drip':
        this.#drip(id, page);
        return;
      case 'wrong-id':
        this.#sendPage(id + 1000, page);
        return;
      case 'disconnection-notice':
        this.#stream.write(extendedMessage(0, { code: 52, message: 'going down' }, { oid: disconnectionOid }));
        this.#stream.end();
        return;
      case 'references':
        this.#stream.write(referenceMessage(id, ['ldap://other.example.test/DC=other,DC=example,DC=test']));
        this.#sendPage(id, page);
        return;
      case 'bad-utf8-dn':
        for (const entry of page.entries) {
          const dn = Buffer.concat([Buffer.from('CN='), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(`,${entry.dn}`)]);
          this.#stream.write(entryMessage(id, dn, entry.attributes));
        }
        this.#stream.write(resultMessage(id, answerTag.searchDone, page.result, page.cookie ?? undefined));
        return;
      case 'stall':
      case 'drop':
      case 'garbage':
    }
  }

  #drip(id: number, page: Page): void {
    const stream = this.#stream;
    const bytes = page.entries[0] === undefined ? octets('') : entryMessage(id, page.entries[0].dn, page.entries[0].attributes);
    let sent = 0;
    stream.write(header(0x30, 0xffff));
    const timer = setInterval(() => {
      stream.write(bytes.subarray(sent % bytes.length, (sent % bytes.length) + 1));
      sent += 1;
    }, dripEveryMs);
    stream.on('close', () => clearInterval(timer));
  }

  #reset(): void {
    this.#parts.socket.resetAndDestroy();
  }
}

function isFor(fault: Fault, kind: SearchKind, page: number): boolean {
  return fault.at === 'search' && (fault.of ?? 'users') === kind && (fault.page === undefined || fault.page === page);
}
