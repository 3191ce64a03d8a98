import type { ServiceRecord } from './domain-resolver.ts';

/** An answer to a question for SRV records; `code` is the RCODE of RFC 1035. */
export interface SrvReply {
  readonly code: number;
  /** The answer did not fit: it is to be asked for by TCP. */
  readonly isTruncated: boolean;
  readonly records: readonly ServiceRecord[];
}

/** Bytes that are no answer as RFC 1035 has it. */
export class DnsMessageError extends Error {}

const headerBytes = 12;
const srvType = 33;
const internetClass = 1;
const mostNameBytes = 255;
const mostLabelBytes = 63;

/** Writes the question; recursion is desired. `null` when the name is none. */
export function writeSrvQuestion(id: number, name: string): Buffer | null {
  const labels = name.replace(/\.$/, '').split('.');
  if (!labels.every((label) => /^[\x21-\x7e]+$/.test(label) && label.length <= mostLabelBytes)) return null;
  const encoded = Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.alloc(1),
  ]);
  if (encoded.length > mostNameBytes) return null;
  const message = Buffer.alloc(headerBytes + encoded.length + 4);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE(0x0100, 2);
  message.writeUInt16BE(1, 4);
  encoded.copy(message, headerBytes);
  message.writeUInt16BE(srvType, headerBytes + encoded.length);
  message.writeUInt16BE(internetClass, headerBytes + encoded.length + 2);
  return message;
}

/**
 * Reads an answer to the question. `null`: it answers something else. Throws `DnsMessageError`. Targets may be compressed, which
 * RFC 2782 forbids and Samba's name server does; that is why Node's `resolveSrv`, which refuses that, is not used.
 */
export function readSrvReply(reply: Buffer, question: Buffer): SrvReply | null {
  if (reply.length < headerBytes || reply.readUInt16BE(0) !== question.readUInt16BE(0)) return null;
  const flags = reply.readUInt16BE(2);
  if ((flags & 0x8000) === 0) return null;
  const code = flags & 0x000f;
  const isTruncated = (flags & 0x0200) !== 0;
  const questions = reply.readUInt16BE(4);
  const asked = question.subarray(headerBytes);
  const echoed = reply.subarray(headerBytes, headerBytes + asked.length);
  // A server that did not understand need not repeat the question.
  if (questions === 0 && code !== 0) return { code, isTruncated, records: [] };
  if (questions !== 1) throw new DnsMessageError(`${questions} questions in an answer`);
  if (lower(echoed) !== lower(asked)) return null;
  if (isTruncated) return { code, isTruncated, records: [] };
  return { code, isTruncated, records: readRecords(reply, headerBytes + asked.length, reply.readUInt16BE(6)) };
}

function readRecords(message: Buffer, start: number, count: number): readonly ServiceRecord[] {
  const records: ServiceRecord[] = [];
  let position = start;
  for (let index = 0; index < count; index += 1) {
    position = readName(message, position).next;
    need(message, position, 10);
    const type = message.readUInt16BE(position);
    const length = message.readUInt16BE(position + 8);
    position += 10;
    need(message, position, length);
    if (type === srvType) {
      if (length < 7) throw new DnsMessageError('an SRV record that is too short');
      const { name, next } = readName(message, position + 6);
      if (next !== position + length) throw new DnsMessageError('an SRV record that does not end with its target');
      const [priority, weight, port] = [0, 2, 4].map((offset) => message.readUInt16BE(position + offset));
      records.push({ name, port: port ?? 0, priority: priority ?? 0, weight: weight ?? 0 });
    }
    position += length;
  }
  return records;
}

/** The name at a place, and where what follows it begins. A pointer leads back only, so that none can lead in circles. */
function readName(message: Buffer, start: number): { readonly name: string; readonly next: number } {
  const labels: string[] = [];
  let position = start;
  let lowest = start;
  let next: number | null = null;
  let bytes = 1;
  for (;;) {
    need(message, position, 1);
    const length = message.readUInt8(position);
    if (length === 0) return { name: labels.join('.'), next: next ?? position + 1 };
    if (length >= 0xc0) {
      need(message, position, 2);
      const target = message.readUInt16BE(position) & 0x3fff;
      if (target >= lowest) throw new DnsMessageError('a name that points forward');
      next ??= position + 2;
      lowest = target;
      position = target;
    } else if (length > mostLabelBytes) {
      throw new DnsMessageError('a label of an unknown kind');
    } else {
      need(message, position + 1, length);
      bytes += length + 1;
      if (bytes > mostNameBytes) throw new DnsMessageError('a name that is too long');
      labels.push(message.toString('latin1', position + 1, position + 1 + length));
      position += 1 + length;
    }
  }
}

function need(message: Buffer, position: number, count: number): void {
  if (position + count > message.length) throw new DnsMessageError('an answer that ends too early');
}

/** Names in upper and lower case are the same. */
function lower(bytes: Buffer): string {
  return bytes.toString('latin1').toLowerCase();
}
