import { PagedResultsControl } from 'ldapts';
import { BerReader, berTags } from './ber-reader.ts';

/** Application tags of RFC 4511 that a client receives here. */
export const answerTags = {
  bind: 0x61,
  searchEntry: 0x64,
  searchDone: 0x65,
  searchReference: 0x73,
  extended: 0x78,
} as const;

/** LDAPResult (RFC 4511 section 4.1.9) with what may follow it. */
export interface LdapResult {
  readonly code: number;
  readonly matchedDn: string;
  readonly message: string;
  readonly referrals: readonly string[];
  /** Name and value of an extended answer. */
  readonly extendedName: string | null;
  readonly extendedValue: string | null;
  /** Cookie of the paged-results control; `null` when the answer has no such control. */
  readonly cookie: Buffer | null;
}

const contextTags = { referral: 0xa3, controls: 0xa0, extendedName: 0x8a, extendedValue: 0x8b } as const;

/** Reads a result, with `reader` at its application tag. ldapts reads neither referrals nor the controls behind them. */
export function readResult(reader: BerReader): LdapResult {
  const body = reader.inside(reader.peek());
  const code = body.readInteger(berTags.enumerated);
  const matchedDn = body.readText();
  const message = body.readText();
  const referrals: string[] = [];
  let extendedName: string | null = null;
  let extendedValue: string | null = null;
  while (!body.done) {
    const tag = body.peek();
    if (tag === contextTags.referral) referrals.push(...readTexts(body.inside(tag)));
    else if (tag === contextTags.extendedName) extendedName = body.readText(tag);
    else if (tag === contextTags.extendedValue) extendedValue = body.readText(tag);
    else body.skip();
  }
  const cookie = reader.peek() === contextTags.controls ? readCookie(reader.inside(contextTags.controls)) : null;
  return { code, matchedDn, message, referrals, extendedName, extendedValue, cookie };
}

/** Reads the addresses of a search reference, with `reader` at its application tag. */
export function readReference(reader: BerReader): readonly string[] {
  return readTexts(reader.inside(answerTags.searchReference));
}

/** Makes the paged-results control of a request; critical, so that a server without it refuses instead of sending everything. */
export function pagedResults(size: number, cookie: Buffer | null): PagedResultsControl {
  return new PagedResultsControl({ critical: true, value: cookie === null ? { size } : { size, cookie } });
}

function readTexts(reader: BerReader): string[] {
  const texts: string[] = [];
  while (!reader.done) texts.push(reader.readText());
  return texts;
}

function readCookie(controls: BerReader): Buffer | null {
  while (!controls.done) {
    const control = controls.inside(berTags.sequence);
    if (control.readText() !== PagedResultsControl.type) continue;
    if (control.peek() === berTags.boolean) control.skip();
    if (control.done) return null;
    const value = new BerReader(control.readBytes()).inside(berTags.sequence);
    value.skip();
    // A copy: the cookie outlives the chunk that it came in.
    return Buffer.from(value.readBytes());
  }
  return null;
}
