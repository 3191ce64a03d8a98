import * as fc from 'fast-check';
import { ExtendedRequest, PagedResultsControl, SearchRequest } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { BerError, BerReader, berTags } from '../../../../agent/directory/active-directory/ber-reader.ts';
import { FrameSplitter } from '../../../../agent/directory/active-directory/frame-splitter.ts';
import { pagedResults, readReference, readResult } from '../../../../agent/directory/active-directory/messages.ts';
import { encodeFilter } from '../../../../agent/directory/filter/encode-filter.ts';
import { element, integer, text } from './encode.ts';

function split(chunks: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = [];
  const splitter = new FrameSplitter();
  for (const chunk of chunks) splitter.push(chunk, (frame) => frames.push(Buffer.from(frame.bytes.subarray(frame.start, frame.end))));
  return frames;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('cutting bytes into messages', () => {
  it('finds the same messages however the bytes are cut', () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(contents, fc.array(fc.nat(), { maxLength: 40 }), (parts, places) => {
        const stream = Buffer.concat(parts.map((part) => element(berTags.sequence, Buffer.from(part))));
        expect(split(cut(stream, places))).toEqual(parts.map((part) => Buffer.from(part)));
      }),
    );
  });

  it('takes a chunk of very many small messages, which overflows the stack of ldapts', () => {
    const one = element(berTags.sequence, Buffer.from([1, 2, 3]));

    expect(split([Buffer.concat(Array.from({ length: 50_000 }, () => one))])).toHaveLength(50_000);
  });

  it.each([
    ['something else', [0x48, 0x54, 0x54, 0x50]],
    ['an indefinite length', [0x30, 0x80, 0, 0]],
    ['a length of five bytes', [0x30, 0x85, 0, 0, 0, 0, 1]],
    ['2 GB', [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]],
    ['a length that a signed reader takes as negative', [0x30, 0x84, 0xff, 0xff, 0xff, 0xf0]],
    ['more than is allowed', [0x30, 0x84, 0x00, 0x80, 0x00, 0x01]],
  ])('refuses %s at once', (_, bytes) => {
    expect(() => split([Buffer.from(bytes)])).toThrow(BerError);
  });

  it('reads a long message in small chunks without copying it each time', () => {
    const big = element(berTags.sequence, Buffer.alloc(7 * 1024 * 1024, 7));
    const chunks = Array.from({ length: Math.ceil(big.length / 4096) }, (_, index) => big.subarray(index * 4096, (index + 1) * 4096));
    const startedAt = performance.now();

    expect(split(chunks)).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('reading BER', () => {
  it('never goes back, never beyond the end, never on for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const reader = new BerReader(Buffer.from(bytes));
        try {
          while (!reader.done) {
            const before = reader.position;
            reader.skip();
            expect(reader.position).toBeGreaterThan(before);
            expect(reader.position).toBeLessThanOrEqual(bytes.length);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(BerError);
        }
      }),
    );
  });

  it.each([
    [[0x02, 0x00], 'an integer without bytes'],
    [[0x02, 0x05, 1, 2, 3, 4, 5], 'an integer of five bytes'],
    [[0x02, 0x02, 1], 'an integer that is cut off'],
    [[0x04, 0x01, 1], 'another type'],
    [[], 'nothing'],
  ])('refuses %j: %s', (bytes) => {
    expect(() => new BerReader(Buffer.from(bytes)).readInteger()).toThrow(BerError);
  });

  it.each([
    [[0x02, 0x01, 0xff], -1],
    [[0x02, 0x02, 0x00, 0xff], 255],
    [[0x02, 0x04, 0x7f, 0xff, 0xff, 0xff], 0x7fffffff],
  ])('reads the integer %j', (bytes, value) => {
    expect(new BerReader(Buffer.from(bytes)).readInteger()).toBe(value);
  });
});

describe('reading results', () => {
  const ok = [element(berTags.enumerated, Buffer.from([0])), text('', berTags.octetString), text('', berTags.octetString)];

  it('C1 tells an empty cookie from none', () => {
    function done(cookie: string): Buffer {
      const value = element(berTags.sequence, Buffer.concat([integer(0), text(cookie)]));
      const control = element(
        berTags.sequence,
        Buffer.concat([text('1.2.840.113556.1.4.319'), text('', berTags.octetString).subarray(0, 0), element(berTags.octetString, value)]),
      );
      return Buffer.concat([element(0x65, Buffer.concat(ok)), element(0xa0, control)]);
    }

    expect(readResult(new BerReader(done('abc'))).cookie?.toString()).toBe('abc');
    expect(readResult(new BerReader(done(''))).cookie).toHaveLength(0);
    expect(readResult(new BerReader(element(0x65, Buffer.concat(ok)))).cookie).toBeNull();
  });

  it('P10 reads referrals, and the paging control behind them', () => {
    const referral = element(0xa3, Buffer.concat([text('ldap://child.example.test/DC=child'), text('ldap://other.example.test')]));
    const body = Buffer.concat([element(berTags.enumerated, Buffer.from([10])), text('DC=test'), text('see there'), referral]);

    expect(readResult(new BerReader(element(0x65, body)))).toEqual({
      code: 10,
      matchedDn: 'DC=test',
      message: 'see there',
      referrals: ['ldap://child.example.test/DC=child', 'ldap://other.example.test'],
      extendedName: null,
      extendedValue: null,
      cookie: null,
      dirSync: null,
    });
  });

  it('reads an extended answer and a reference', () => {
    const body = Buffer.concat([...ok, text('1.2.3', 0x8a), text('u:CORP\\ada', 0x8b)]);

    expect(readResult(new BerReader(element(0x78, body)))).toMatchObject({ extendedName: '1.2.3', extendedValue: 'u:CORP\\ada' });
    expect(readReference(new BerReader(element(0x73, text('ldap://a'))))).toEqual(['ldap://a']);
  });
});

// What this product relies on in ldapts; its version is pinned, and a new one has to pass here.
describe('the messages that ldapts makes', () => {
  it('asks for pages critically, with the size and the cookie', () => {
    const request = new SearchRequest({
      messageId: 7,
      baseDN: 'DC=test',
      scope: 'sub',
      filter: encodeFilter({ kind: 'present', attribute: 'cn' }),
      attributes: ['cn'],
      timeLimit: 120,
      controls: [pagedResults(200, Buffer.from('abc'))],
    });
    const message = new BerReader(request.write()).inside(berTags.sequence);

    expect(message.readInteger()).toBe(7);
    const search = message.inside(0x63);
    expect(search.readText()).toBe('DC=test');
    expect([search.readInteger(berTags.enumerated), search.readInteger(berTags.enumerated)]).toEqual([2, 0]);
    // P11, P12: no size limit, the time limit that was asked for
    expect([search.readInteger(), search.readInteger()]).toEqual([0, 120]);
    const control = message.inside(0xa0).inside(berTags.sequence);
    expect(control.readText()).toBe(PagedResultsControl.type);
    expect(control.readBytes(berTags.boolean)).toEqual(Buffer.from([0xff]));
    const value = new BerReader(control.readBytes()).inside(berTags.sequence);
    expect(value.readInteger()).toBe(200);
    expect(value.readText()).toBe('abc');
  });

  it('asks for StartTLS by its name', () => {
    const message = new BerReader(new ExtendedRequest({ messageId: 1, oid: '1.3.6.1.4.1.1466.20037' }).write()).inside(berTags.sequence);
    message.skip();

    expect(message.inside(0x77).readText(0x80)).toBe('1.3.6.1.4.1.1466.20037');
  });
});
