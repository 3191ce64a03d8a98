/** Numbers of RFC 1035, 2782 and 3596. */
const recordTypes = { A: 1, AAAA: 28, SRV: 33 } as const;
export type RecordType = keyof typeof recordTypes;

const answerCodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type AnswerCode = keyof typeof answerCodes;

export interface DnsQuestion {
  readonly id: number;
  /** Lower case, without the dot at its end. */
  readonly name: string;
  /** `null`: a type that the stand-in does not know. */
  readonly type: RecordType | null;
  /** The question's bytes, to be sent back as they came. */
  readonly bytes: Buffer;
}

export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly data: Buffer;
}

/** Reads a query with one question; throws when it is none. */
export function readQuestion(message: Buffer): DnsQuestion {
  const labels: string[] = [];
  let position = 12;
  for (let length = message.readUInt8(position); length > 0; length = message.readUInt8(position)) {
    labels.push(message.toString('latin1', position + 1, position + 1 + length));
    position += 1 + length;
  }
  const number = message.readUInt16BE(position + 1);
  const type = (Object.keys(recordTypes) as RecordType[]).find((key) => recordTypes[key] === number) ?? null;
  return { id: message.readUInt16BE(0), name: labels.join('.').toLowerCase(), type, bytes: message.subarray(12, position + 5) };
}

/** Writes an answer. */
export function writeAnswer(
  question: DnsQuestion,
  { code = 'NOERROR', records = [], isTruncated = false }: { code?: AnswerCode; records?: readonly DnsRecord[]; isTruncated?: boolean },
): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(question.id, 0);
  header.writeUInt16BE(0x8580 | (isTruncated ? 0x0200 : 0) | answerCodes[code], 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question.bytes, ...records.map(writeRecord)]);
}

/** A name as labels, uncompressed; a label may hold any bytes. The root is the empty text or a dot. */
export function writeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]), Buffer.from([0])]);
}

/** A name with its end as a pointer into the question, where that ends alike. */
export function writeNameInto(question: string, name: string): Buffer {
  const labels = name.split('.');
  for (let kept = 0; kept < labels.length; kept += 1) {
    const end = labels.slice(kept).join('.').toLowerCase();
    if (question !== end && !question.endsWith(`.${end}`)) continue;
    const pointer = 0xc000 | (12 + question.length - end.length);
    return Buffer.concat([writeName(labels.slice(0, kept).join('.')).subarray(0, -1), Buffer.from([pointer >> 8, pointer & 0xff])]);
  }
  return writeName(name);
}

function writeRecord({ name, type, data }: DnsRecord): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(recordTypes[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([writeName(name), fixed, data]);
}
