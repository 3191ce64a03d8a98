import type { LdapResult } from './message.ts';

/** Which search a fault is meant for: the read of the users, the root, a value range, a single entry, or anything else. */
export type SearchKind = 'users' | 'root' | 'range' | 'entry' | 'other';

export type SearchFault =
  /** No answer, the connection stays open. */
  | 'stall'
  /** The connection is reset before the first entry. */
  | 'drop'
  /** The connection is reset after half of the page's entries. */
  | 'drop-in-page'
  /** Bytes that are no LDAP. */
  | 'garbage'
  /** A page without entries and with a cookie: more is to come. */
  | 'empty-page'
  /** The page, and a cookie that leads to the same page again. */
  | 'repeat-page'
  /** The page's entries, the rest is forgotten: success and no paged results control in the answer. */
  | 'no-control'
  /** The announcement of a message of 2 GB, then silence. */
  | 'huge-length'
  /** One byte of a message every 20 ms, for ever. */
  | 'drip'
  /** The whole answer under an id that nobody asked for. */
  | 'wrong-id'
  /** A notice of disconnection (RFC 4511 §4.4.1), then the connection is closed. */
  | 'disconnection-notice'
  /** The page with continuation references among its entries. */
  | 'references'
  /** The entries of the page under DNs that are no UTF-8. */
  | 'bad-utf8-dn'
  /** This result instead of success: after the page's entries, or without any; a cookie can be left over. */
  | { readonly result: LdapResult; readonly entries?: boolean; readonly cookie?: boolean };

/** What goes wrong, where. Without `times` it goes wrong every time. */
export type Fault = { readonly times?: number } & (
  | { readonly at: 'connect'; readonly does: 'stall' | 'drop' | 'garbage' }
  | { readonly at: 'handshake'; readonly does: 'stall' | 'drop' | 'garbage' }
  | { readonly at: 'starttls'; readonly does: 'stall' | 'drop' | 'garbage' | LdapResult }
  | { readonly at: 'bind'; readonly does: 'stall' | 'drop' | 'garbage' | LdapResult }
  | { readonly at: 'whoami'; readonly does: 'stall' | 'drop' | LdapResult }
  | {
      readonly at: 'search';
      /** Default: the users. */
      readonly of?: SearchKind;
      /** Counted from 1 within one paged search; default: every page. */
      readonly page?: number;
      readonly does: SearchFault;
    }
);

/** Sub-codes of error 49 as Active Directory sends them, by number. */
export function bindRejection(subCode: string): LdapResult {
  return { code: 49, message: `80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data ${subCode}, v4f7c` };
}

/** A server that wants signing or encryption (facts of Active Directory's signing policy). */
export const strongAuthRequired: LdapResult = {
  code: 8,
  message:
    '00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection, data 0, v4f7c',
};

/** Remembers how often each fault may still strike. */
export class FaultPlan {
  readonly #left: { readonly fault: Fault; times: number }[];

  constructor(faults: readonly Fault[]) {
    this.#left = faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** The fault that strikes here now, if one does. */
  strike<Struck extends Fault>(isMeant: (fault: Fault) => fault is Struck): Struck['does'] | null {
    for (const entry of this.#left) {
      const { fault } = entry;
      if (entry.times > 0 && isMeant(fault)) {
        entry.times -= 1;
        return fault.does;
      }
    }
    return null;
  }
}
