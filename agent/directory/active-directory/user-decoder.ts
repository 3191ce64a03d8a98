import { isUtf8 } from 'node:buffer';
import {
  type BinaryAttribute,
  binaryAttributes,
  emptyRawUser,
  type RawUser,
  type TextAttribute,
  textAttributes,
} from '../../../core/active-directory/user-attributes.ts';
import { AttributeNames } from './attribute-names.ts';
import { BerError, type BerReader, berTags } from './ber-reader.ts';
import { answerTags } from './messages.ts';

export interface DecodedUser {
  readonly raw: RawUser;
  /** The first value of proxyAddresses that is not in the answer; `null`: all are there. */
  readonly nextAddress: number | null;
  /** Why the entry cannot be used; `null`: it can. */
  readonly problem: string | null;
}

interface DecodeState {
  raw: RawUser;
  nextAddress: number | null;
  problem: string | null;
}

/** No value that is read comes near it. */
const maxValueBytes = 64 * 1024;
/** Some dozens of levels with the longest names that Active Directory allows. */
const maxDnBytes = 16 * 1024;
/** What is kept of a longer DN, to report the entry by. */
const shownDnBytes = 1000;
/** Far beyond what a server keeps for one user. */
export const maxAddresses = 20_000;
/** What decoding puts in the place of bytes that are no UTF-8. */
const replacement = '\uFFFD';
const binaryNames: ReadonlySet<string> = new Set(binaryAttributes);

/**
 * Makes the decoder of users' entries. It goes through the bytes once and makes strings only of values that are kept. What an
 * entry may hold by the protocol but not by reason (a huge value, text that is no UTF-8) spoils that entry alone; bytes that
 * are no entry at all throw `BerError`. Binary attributes are taken as bytes by name, never by what their bytes look like.
 * `identity` names the text attribute of the user's identity on servers without objectGUID.
 */
export function createUserDecoder(identity: string | null): (reader: BerReader) => DecodedUser {
  const names = new AttributeNames([...textAttributes, ...binaryAttributes, 'proxyAddresses', ...(identity === null ? [] : [identity])]);

  return (reader) => {
    const entry = reader.inside(answerTags.searchEntry);
    const state = readDn(entry);
    const attributes = entry.inside(berTags.sequence);
    const { bytes } = attributes;
    while (!attributes.done) {
      const end = attributes.enter(berTags.sequence);
      const nameEnd = attributes.enter(berTags.octetString);
      const nameStart = attributes.position;
      attributes.position = nameEnd;
      const valuesEnd = attributes.enter(berTags.set);
      if (valuesEnd > end) throw new BerError('values that are longer than their attribute');
      const name = names.find(bytes, nameStart, nameEnd);
      if (name === 'proxyAddresses') readAddresses(state, attributes, valuesEnd);
      else if (name !== null) readSingle(state, name, attributes, valuesEnd);
      else readAddressRange(state, bytes.toString('latin1', nameStart, nameEnd), attributes, valuesEnd);
      attributes.position = end;
    }
    return state;
  };
}

function readDn(entry: BerReader): DecodeState {
  const end = entry.enter(berTags.octetString);
  const length = end - entry.position;
  const isTooLong = length > maxDnBytes;
  const dn = entry.bytes.toString('utf8', entry.position, isTooLong ? entry.position + shownDnBytes : end);
  entry.position = end;
  let problem: string | null = null;
  if (isTooLong) problem = `its DN has ${length} bytes`;
  else if (length === 0) problem = 'it has no DN';
  else if (dn.includes(replacement)) problem = 'its DN is no UTF-8';
  return { raw: emptyRawUser(dn), nextAddress: null, problem };
}

/** The part of a range option: `proxyAddresses;range=0-1499`, or `1500-*` for the last part. */
export function parseRange(attribute: string): { readonly name: string; readonly from: number; readonly to: number | null } | null {
  const match = /^([^;]+);range=(\d{1,9})-(\d{1,9}|\*)$/i.exec(attribute);
  if (match === null) return null;
  const [, name = '', from, to] = match;
  return { name: name.toLowerCase(), from: Number(from), to: to === '*' ? null : Number(to) };
}

/** The first value; an attribute without any stays `null`. */
function readSingle(state: DecodeState, name: string, reader: BerReader, valuesEnd: number): void {
  if (reader.position >= valuesEnd) return;
  const end = reader.enter(berTags.octetString);
  const start = reader.position;
  if (end > valuesEnd) throw new BerError('a value that is longer than its attribute');
  if (end - start > maxValueBytes) {
    state.problem ??= `${name} has ${end - start} bytes`;
  } else if (binaryNames.has(name)) {
    if (state.raw[name as BinaryAttribute] !== null) noteSecond(state, name);
    else state.raw[name as BinaryAttribute] = reader.bytes.subarray(start, end);
  } else {
    const text = reader.bytes.toString('utf8', start, end);
    if (text.includes(replacement) && !isUtf8(reader.bytes.subarray(start, end))) state.problem ??= `${name} is no UTF-8`;
    const key = name in state.raw ? (name as TextAttribute) : 'immutableId';
    if (state.raw[key] !== null) noteSecond(state, name);
    else state.raw[key] = key === 'immutableId' ? text.toLowerCase() : text;
  }
}

/** RFC 4511 section 4.5.2: each attribute once. Which of two values is the user's nobody can tell, so neither is believed. */
function noteSecond(state: DecodeState, name: string): void {
  state.problem ??= `${name} is in it more than once`;
}

function readAddresses(state: DecodeState, reader: BerReader, valuesEnd: number): void {
  // Empty besides a range of the same attribute: that range has the values.
  if (reader.position >= valuesEnd) return;
  if (state.raw.proxyAddresses.length > 0) {
    noteSecond(state, 'proxyAddresses');
    return;
  }
  const values: string[] = [];
  while (reader.position < valuesEnd) {
    const end = reader.enter(berTags.octetString);
    if (end > valuesEnd) throw new BerError('a value that is longer than its attribute');
    if (end - reader.position > maxValueBytes) state.problem ??= `proxyAddresses has a value of ${end - reader.position} bytes`;
    else if (values.length === maxAddresses) state.problem ??= `proxyAddresses has more than ${maxAddresses} values`;
    else values.push(reader.bytes.toString('utf8', reader.position, end));
    reader.position = end;
  }
  state.raw.proxyAddresses = values;
}

function readAddressRange(state: DecodeState, attribute: string, reader: BerReader, valuesEnd: number): void {
  const range = parseRange(attribute);
  if (range === null || range.name !== 'proxyaddresses') return;
  readAddresses(state, reader, valuesEnd);
  state.nextAddress = range.to === null ? null : range.to + 1;
}
