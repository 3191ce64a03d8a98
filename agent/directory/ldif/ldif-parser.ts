import { isUtf8 } from 'node:buffer';
import { binaryAttributes } from '../../../core/active-directory/user-attributes.ts';
import { type LdifEnd, type LdifRecord, LdifSyntaxError } from './ldif-record.ts';

/** A folded line, or a record, that is longer is no export of users or groups. */
const maxLogicalLine = 8 * 1024 * 1024;
const maxRecord = 64 * 1024 * 1024;

const bytesByName: ReadonlySet<string> = new Set([...binaryAttributes.map((name) => name.toLowerCase()), 'objectsid']);

interface OpenRecord {
  dn: string;
  line: number;
  size: number;
  attributes: Map<string, (string | Buffer)[]>;
  partial: string[];
}

interface AttributeWords {
  readonly name: string;
  readonly options: readonly string[];
}

/**
 * Reads LDIF (RFC 2849) as ldifde and ldapsearch write it, line by line. Lines come as Latin-1, one character a byte, or as
 * real text when `decoded` (a UTF-16 file). Throws `LdifSyntaxError` with the line; nothing is skipped that is not understood.
 */
export class LdifParser {
  private readonly decoded: boolean;
  private readonly onRecord: (record: LdifRecord) => void;
  private lineNumber = 0;
  private pending: { text: string; line: number } | null = null;
  private record: OpenRecord | null = null;
  /** Inside ldapsearch's own words at the end, or a reference: a block that is no record. */
  private inTrailer = false;
  private records = 0;
  private announced: number | null = null;
  private byLdifde = false;
  private byLdapsearch = false;
  private ended = false;
  private readonly gaps: string[] = [];

  constructor(decoded: boolean, onRecord: (record: LdifRecord) => void) {
    this.decoded = decoded;
    this.onRecord = onRecord;
  }

  /** Takes one physical line, without its end. */
  push(line: string): void {
    this.lineNumber += 1;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text.startsWith(' ')) {
      if (this.pending === null) throw this.wrong('a continuation without a line before it');
      this.pending.text += text.slice(1);
      if (this.pending.text.length > maxLogicalLine) throw this.wrong('a line that never ends');
      return;
    }
    this.flush();
    if (text === '') this.closeRecord();
    else this.pending = { text, line: this.lineNumber };
  }

  /** Ends the file. `openLine`: its last line had no end. */
  finish(openLine: boolean): LdifEnd {
    this.flush();
    const open = this.record;
    let cutOff: LdifEnd['cutOff'] = null;
    if (openLine && open !== null) {
      cutOff = { dn: open.dn, line: open.line };
      this.record = null;
      this.gaps.push(`the file ends in the middle of a line (line ${this.lineNumber})`);
    } else if (open !== null) {
      this.closeRecord();
      // RFC 2849 asks for no empty line after the last record, but ldifde always writes one; a DN alone is no record.
      const isCut = this.byLdifde || open.attributes.size === 0;
      if (isCut) this.gaps.push(`the export is cut off in its last record (line ${open.line})`);
    }
    if (this.records === 0 && cutOff === null) this.gaps.push('the file holds no records');
    if (this.byLdapsearch && !this.ended) this.gaps.push('the export is cut off: the words that ldapsearch ends with are missing');
    if (this.announced !== null && this.announced !== this.records) {
      this.gaps.push(`the file announces ${this.announced} entries and holds ${this.records}`);
    }
    return { gaps: this.gaps, cutOff };
  }

  private flush(): void {
    const { pending } = this;
    this.pending = null;
    if (pending === null) return;
    if (pending.text.startsWith('#')) this.readComment(pending.text);
    else this.readLine(pending.text, pending.line);
  }

  /** ldapsearch begins with comments, unless told not to, and then tells at the end how much it wrote. */
  private readComment(text: string): void {
    if (text === '# LDAPv3') this.byLdapsearch = true;
    if (text.startsWith('# numResponses:')) this.ended = true;
    const entries = /^# numEntries: (\d{1,9})$/.exec(text)?.[1];
    if (entries !== undefined) this.announced = (this.announced ?? 0) + Number(entries);
  }

  private readLine(text: string, line: number): void {
    const colon = text.indexOf(':');
    if (colon <= 0) throw this.wrong('a line without "name:"', line);
    const [name = '', ...options] = text.slice(0, colon).toLowerCase().split(';');
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw this.wrong('a bad attribute name', line);
    const value = this.readValue(text, colon, name, line);
    if (this.record === null) this.readFirstLine(name, value, line);
    else this.addValue(this.record, { name, options }, value, line);
  }

  private readFirstLine(name: string, value: string | Buffer, line: number): void {
    if (name === 'dn') {
      if (typeof value !== 'string') throw this.wrong('a DN that is no UTF-8', line);
      this.record = { dn: value, line, size: 0, attributes: new Map(), partial: [] };
      this.inTrailer = false;
    } else if (name === 'version' && this.records === 0 && !this.inTrailer) {
      if (value !== '1') throw this.wrong('an LDIF version other than 1', line);
    } else if (name === 'search' || name === 'ref') {
      this.inTrailer = true;
    } else if (this.inTrailer) {
      if (name === 'result' && typeof value === 'string' && !value.startsWith('0')) {
        this.gaps.push(`the export ended with an error: ${value.slice(0, 200)}`);
      }
    } else {
      throw this.wrong('a record that does not begin with "dn:"', line);
    }
  }

  private addValue(record: OpenRecord, { name, options }: AttributeWords, value: string | Buffer, line: number): void {
    if (name === 'dn') throw this.wrong('a record that begins inside another one', line);
    if (name === 'changetype') {
      if (value !== 'add') throw this.wrong('a change other than "add": an export of users is needed', line);
      this.byLdifde = true;
      return;
    }
    record.size += value.length + name.length;
    if (record.size > maxRecord) throw this.wrong('a record that never ends', line);
    const range = options.find((option) => option.startsWith('range='));
    if (range !== undefined && !range.endsWith('-*')) record.partial.push(name);
    // A translation (lang-de) is no value of the attribute itself.
    const key = options.every((option) => option === 'binary' || option.startsWith('range=')) ? name : [name, ...options].join(';');
    const values = record.attributes.get(key);
    if (values === undefined) record.attributes.set(key, [value]);
    else values.push(value);
  }

  private closeRecord(): void {
    const { record } = this;
    this.record = null;
    this.inTrailer = false;
    if (record === null) return;
    this.records += 1;
    this.onRecord(record);
  }

  /** `name: text`, `name:: base64`. A value that stands elsewhere (`name:< url`) is not fetched. */
  private readValue(text: string, colon: number, name: string, line: number): string | Buffer {
    const mark = text[colon + 1];
    if (mark === '<') throw this.wrong('a value that stands in another file', line);
    if (mark === ':') return this.readBase64(text.slice(colon + 2).trim(), name, line);
    const value = text.slice(colon + 1).replace(/^ +/, '');
    if (bytesByName.has(name)) return Buffer.from(value, this.decoded ? 'utf8' : 'latin1');
    // oxlint-disable-next-line no-control-regex -- tells plain ASCII, which is its own UTF-8
    if (this.decoded || /^[\u0000-\u007f]*$/.test(value)) return value;
    const bytes = Buffer.from(value, 'latin1');
    if (!isUtf8(bytes)) throw this.wrong('text that is no UTF-8', line);
    return bytes.toString('utf8');
  }

  private readBase64(text: string, name: string, line: number): string | Buffer {
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw this.wrong('base64 that is not whole', line);
    const bytes = Buffer.from(text, 'base64');
    return bytesByName.has(name) || !isUtf8(bytes) ? bytes : bytes.toString('utf8');
  }

  private wrong(what: string, line = this.lineNumber): LdifSyntaxError {
    return new LdifSyntaxError(line, what);
  }
}
