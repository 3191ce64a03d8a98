import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RollcallError } from '../../../core/errors.ts';
import { LdifParser } from './ldif-parser.ts';
import { type LdifEnd, type LdifRecord, LdifSyntaxError } from './ldif-record.ts';

/** A physical line that is longer is no LDIF. */
const maxLine = 8 * 1024 * 1024;

/**
 * Streams a file's records; `onRecords` is awaited before more is read. UTF-8, with or without a byte-order mark, and UTF-16 with
 * one (ldifde -u, PowerShell). Throws `LDIF_UNREADABLE`, and `LDIF_INVALID` with the line.
 */
export async function readLdif(
  file: string,
  directory: string,
  onRecords: (records: readonly LdifRecord[]) => void | Promise<void>,
): Promise<LdifEnd> {
  const before = await statFile(file, directory);
  let records: LdifRecord[] = [];
  let lines: LineSplitter | null = null;
  let parser: LdifParser | null = null;
  let first: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of readChunks(file, directory)) {
      let bytes = chunk;
      if (lines === null || parser === null) {
        // Three bytes tell the encoding.
        first = Buffer.concat([first, chunk]);
        if (first.length < 3) continue;
        const encoding = readEncoding(first);
        lines = new LineSplitter(encoding.name);
        parser = new LdifParser(encoding.name !== 'latin1', (record) => records.push(record));
        bytes = first.subarray(encoding.skip);
      }
      for (const line of lines.push(bytes)) parser.push(line);
      if (records.length > 0) {
        const batch = records;
        records = [];
        await onRecords(batch);
      }
    }
    if (lines === null || parser === null) return { gaps: ['the file is empty'], cutOff: null };
    const rest = lines.finish();
    if (rest !== '') parser.push(rest);
    const end = parser.finish(rest !== '');
    if (records.length > 0) await onRecords(records);
    const after = await statFile(file, directory);
    const changed = after.size !== before.size || after.mtimeMs !== before.mtimeMs;
    return changed ? { ...end, gaps: [...end.gaps, 'the file changed while it was read'] } : end;
  } catch (error) {
    if (!(error instanceof LdifSyntaxError)) throw error;
    throw new RollcallError('LDIF_INVALID', `${file} (directory "${directory}"), line ${error.line}: ${error.message}`, {
      place: { directory, file, line: error.line },
      cause: error,
    });
  }
}

async function* readChunks(file: string, directory: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw unreadable(file, directory, cause);
  } finally {
    stream.destroy();
  }
}

async function statFile(file: string, directory: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  try {
    const facts = await stat(file);
    if (facts.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    return facts;
  } catch (cause) {
    throw unreadable(file, directory, cause);
  }
}

function unreadable(file: string, directory: string, cause: unknown): RollcallError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown cause';
  return new RollcallError('LDIF_UNREADABLE', `${file} (directory "${directory}") cannot be read (${code})`, {
    place: { directory, file },
    cause,
  });
}

type Encoding = 'latin1' | 'utf-16le' | 'utf-16be';

function readEncoding(bytes: Buffer): { readonly name: Encoding; readonly skip: number } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { name: 'utf-16le', skip: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { name: 'utf-16be', skip: 2 };
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return { name: 'latin1', skip: isMarked ? 3 : 0 };
}

/** Cuts bytes into lines; UTF-8 stays one character a byte, so that a bad value can be told with its line. */
class LineSplitter {
  private readonly decoder: TextDecoder | null;
  private rest = '';
  private count = 0;

  constructor(encoding: Encoding) {
    this.decoder = encoding === 'latin1' ? null : new TextDecoder(encoding, { fatal: true });
  }

  push(bytes: Buffer): readonly string[] {
    const lines = (this.rest + this.decode(bytes, true)).split('\n');
    this.rest = lines.pop() ?? '';
    this.count += lines.length;
    if (this.rest.length > maxLine) throw new LdifSyntaxError(this.count + 1, 'a line that never ends');
    return lines;
  }

  /** What stands behind the last line's end. */
  finish(): string {
    return this.rest + this.decode(Buffer.alloc(0), false);
  }

  private decode(bytes: Buffer, stream: boolean): string {
    if (this.decoder === null) return bytes.toString('latin1');
    try {
      return this.decoder.decode(bytes, { stream });
    } catch {
      throw new LdifSyntaxError(this.count + 1, 'bytes that are no UTF-16');
    }
  }
}
