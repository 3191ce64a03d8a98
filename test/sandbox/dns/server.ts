import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import {
  type AnswerCode,
  type DnsQuestion,
  type DnsRecord,
  type RecordType,
  readQuestion,
  writeAnswer,
  writeName,
  writeNameInto,
} from './message.ts';

export interface SrvData {
  readonly target: string;
  readonly port?: number;
  readonly priority?: number;
  readonly weight?: number;
}

/** What a name has, or how it goes wrong: with a code, in silence, with bytes that are no DNS, or with an answer cut in the middle. */
export type DnsNode =
  | {
      readonly srv?: readonly SrvData[];
      /** Targets point into the question where they can, as Samba's do although RFC 2782 forbids it. */
      readonly isCompressed?: boolean;
      readonly a?: readonly string[];
      /** Written out in full: `fd00:0:0:0:0:0:0:1`. */
      readonly aaaa?: readonly string[];
    }
  | { readonly fails: AnswerCode | 'silence' | 'garbage' | 'cut' };

/** A scriptable name server on 127.0.0.1, by UDP and TCP. Names that it does not have do not exist (NXDOMAIN). */
export interface DnsStandIn {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Lower-case names; may be changed at any time. */
  readonly zone: Map<string, DnsNode>;
  readonly asked: readonly { readonly name: string; readonly type: RecordType | null; readonly by: 'udp' | 'tcp' }[];
  stop(): Promise<void>;
}

/** An answer by UDP is not longer (RFC 1035 section 4.2.1); the rest comes by TCP. */
const mostUdpBytes = 512;

/** Starts it on a free port. */
export async function startDnsStandIn(zone: Readonly<Record<string, DnsNode>> = {}): Promise<DnsStandIn> {
  const nodes = new Map(Object.entries(zone).map(([name, node]) => [name.toLowerCase(), node]));
  const asked: { readonly name: string; readonly type: RecordType | null; readonly by: 'udp' | 'tcp' }[] = [];
  const sockets = new Set<Socket>();

  function answer(query: Buffer, by: 'udp' | 'tcp'): Buffer | null {
    const question = readQuestion(query);
    asked.push({ name: question.name, type: question.type, by });
    const whole = answerTo(question, nodes.get(question.name));
    return by === 'udp' && whole !== null && whole.length > mostUdpBytes ? writeAnswer(question, { isTruncated: true }) : whole;
  }

  const { udp, tcp } = await listenOnBoth((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const reply = answer(received.subarray(2, end), 'tcp');
        received = received.subarray(end);
        if (reply !== null) socket.write(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 0xff]), reply]));
      }
    });
  });
  udp.on('message', (query, from) => {
    const reply = answer(query, 'udp');
    if (reply !== null) udp.send(reply, from.port, from.address);
  });

  return {
    address: `127.0.0.1:${udp.address().port}`,
    zone: nodes,
    asked,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([new Promise((resolve) => tcp.close(resolve)), new Promise<void>((resolve) => udp.close(() => resolve()))]);
    },
  };
}

function answerTo(question: DnsQuestion, node: DnsNode | undefined): Buffer | null {
  if (node === undefined) return writeAnswer(question, { code: 'NXDOMAIN' });
  if (!('fails' in node)) return writeAnswer(question, { records: recordsOf(question, node) });
  if (node.fails === 'silence') return null;
  if (node.fails === 'garbage') return Buffer.concat([writeAnswer(question, {}).subarray(0, 2), Buffer.alloc(40, 0xff)]);
  if (node.fails === 'cut')
    return writeAnswer(question, { records: [srvRecord(question.name, { target: 'dc1.example.test' })] }).subarray(0, -7);
  return writeAnswer(question, { code: node.fails });
}

function recordsOf({ name, type }: DnsQuestion, node: Exclude<DnsNode, { readonly fails: unknown }>): readonly DnsRecord[] {
  switch (type) {
    case 'SRV':
      return (node.srv ?? []).map((data) => srvRecord(name, data, node.isCompressed));
    case 'A':
      return (node.a ?? []).map((address) => ({ name, type, data: Buffer.from(address.split('.').map(Number)) }));
    case 'AAAA':
      return (node.aaaa ?? []).map((address) => ({ name, type, data: Buffer.from(address.split(':').flatMap(bytesOfGroup)) }));
    case null:
      return [];
  }
}

function srvRecord(name: string, { target, port = 389, priority = 0, weight = 100 }: SrvData, isCompressed = false): DnsRecord {
  const fixed = Buffer.alloc(6);
  fixed.writeUInt16BE(priority, 0);
  fixed.writeUInt16BE(weight, 2);
  fixed.writeUInt16BE(port, 4);
  return { name, type: 'SRV', data: Buffer.concat([fixed, isCompressed ? writeNameInto(name, target) : writeName(target)]) };
}

function bytesOfGroup(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

/** Both on one port; another one when TCP has it already. */
async function listenOnBoth(onConnection: (socket: Socket) => void): Promise<{ readonly udp: UdpSocket; readonly tcp: Server }> {
  for (let attempt = 0; ; attempt += 1) {
    const udp = createSocket('udp4');
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
    const tcp = createServer(onConnection);
    try {
      await new Promise<void>((resolve, reject) => {
        tcp.once('error', reject);
        tcp.listen(udp.address().port, '127.0.0.1', resolve);
      });
      return { udp, tcp };
    } catch (error) {
      udp.close();
      if (attempt >= 10) throw error;
    }
  }
}
