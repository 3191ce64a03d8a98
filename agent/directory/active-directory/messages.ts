import { PagedResultsControl } from 'ldapts';
import { BerError, BerReader, berTags } from './ber-reader.ts';
import { controlNames } from './controls.ts';

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
  /** Of the DirSync control: what to ask with next, and whether there is more; `null` when the answer has no such control. */
  readonly dirSync: { readonly cookie: Buffer; readonly more: boolean } | null;
}

/** Cookies hold a few hundred bytes, with one more piece for each domain controller. */
const maxCookieBytes = 1024 * 1024;

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
  const controls = reader.peek() === contextTags.controls ? readControls(reader.inside(contextTags.controls)) : noControls;
  return { code, matchedDn, message, referrals, extendedName, extendedValue, ...controls };
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

type AnswerControls = Pick<LdapResult, 'cookie' | 'dirSync'>;

const noControls: AnswerControls = { cookie: null, dirSync: null };

function readControls(controls: BerReader): AnswerControls {
  let found = noControls;
  while (!controls.done) {
    const control = controls.inside(berTags.sequence);
    const name = control.readText();
    if (name !== PagedResultsControl.type && name !== controlNames.dirSync) continue;
    if (control.peek() === berTags.boolean) control.skip();
    if (control.done) continue;
    const value = new BerReader(control.readBytes()).inside(berTags.sequence);
    const first = value.readInteger();
    if (name === controlNames.dirSync) value.skip();
    const bytes = value.readBytes();
    if (bytes.length > maxCookieBytes) throw new BerError(`a cookie of ${bytes.length} bytes`);
    // A copy: the cookie outlives the chunk that it came in.
    const cookie = Buffer.from(bytes);
    found = name === controlNames.dirSync ? { ...found, dirSync: { cookie, more: first !== 0 } } : { ...found, cookie };
  }
  return found;
}
