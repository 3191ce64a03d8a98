import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DnsMessageError, readSrvReply, writeSrvQuestion } from '../../../../../agent/directory/active-directory/discovery/srv-message.ts';

const question = writeSrvQuestion(0x1234, '_ldap._tcp.example.test') ?? Buffer.alloc(0);

/** An answer with these bytes behind the question. */
function replyWith({ flags = 0x8180, count = 1, rest }: { flags?: number; count?: number; rest: readonly number[] }): Buffer {
  const reply = Buffer.concat([question, Buffer.from(rest)]);
  reply.writeUInt16BE(flags, 2);
  reply.writeUInt16BE(count, 6);
  return reply;
}

/** Owner (a pointer to the question), type SRV, class, time to live, length, and the data. */
function srv(...data: number[]): number[] {
  return [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
}

const fixed = [0, 1, 0, 2, 0, 3];

describe('an answer with SRV records', () => {
  it('is read, other records in it passed over', () => {
    const other = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 12];
    const reply = replyWith({ count: 2, rest: [...other, ...srv(...fixed, 3, 100, 99, 49, 0xc0, 23)] });

    expect(readSrvReply(reply, question)).toEqual({
      code: 0,
      isTruncated: false,
      records: [{ priority: 1, weight: 2, port: 3, name: 'dc1.example.test' }],
    });
  });

  it.each<[string, Buffer]>([
    ['another number', Buffer.concat([Buffer.from([0x12, 0x35]), replyWith({ rest: [] }).subarray(2)])],
    ['another name', Buffer.from(replyWith({ rest: [] }).toString('latin1').replace('example', 'exbmple'), 'latin1')],
    ['a question', replyWith({ flags: 0x0180, rest: [] })],
    ['next to nothing', Buffer.from([0x12, 0x34])],
  ])('is not one with %s', (_, reply) => {
    expect(readSrvReply(reply, question)).toBeNull();
  });

  it('answers a question in another case', () => {
    const reply = Buffer.from(replyWith({ count: 0, rest: [] }).toString('latin1').replace('example', 'EXAMPLE'), 'latin1');

    expect(readSrvReply(reply, question)).toMatchObject({ code: 0, records: [] });
  });

  it('may leave the question out when it failed', () => {
    const reply = Buffer.from([0x12, 0x34, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0]);

    expect(readSrvReply(reply, question)).toMatchObject({ code: 1 });
  });

  it.each<[string, readonly number[]]>([
    ['a target that points to itself', srv(...fixed, 0xc0, question.length + 18)],
    ['a target that points forward', srv(...fixed, 0xc0, 0xff)],
    ['a label of an unknown kind', srv(...fixed, 0x80, 1)],
    ['a target that is longer than its record', srv(...fixed, 5, 100, 99)],
    ['a target that is shorter than its record', srv(...fixed, 0, 0)],
    ['a record that is too short', srv(0, 1)],
    ['a record less than announced', []],
    ['a name that is too long', srv(...fixed, ...Array.from({ length: 5 }, () => [63, ...Array.from({ length: 63 }, () => 97)]).flat(), 0)],
  ])('is refused with %s', (_, rest) => {
    expect(() => readSrvReply(replyWith({ rest }), question)).toThrow(DnsMessageError);
  });

  it('never does more than refuse, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 65_535 }), (rest, count) => {
        try {
          for (const { name } of readSrvReply(replyWith({ count, rest: [...rest] }), question)?.records ?? []) {
            expect(name.length).toBeLessThanOrEqual(255);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DnsMessageError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
