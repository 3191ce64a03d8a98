import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BerError, BerReader, berTags } from '../../../../agent/directory/active-directory/ber-reader.ts';
import { decodeEntry, firstBytes, firstText } from '../../../../agent/directory/active-directory/entry-decoder.ts';
import { createUserDecoder, type DecodedUser, parseRange } from '../../../../agent/directory/active-directory/user-decoder.ts';
import { binaryAttributes, emptyRawUser, textAttributes } from '../../../../core/active-directory/user-attributes.ts';
import { element, searchEntry, text } from './encode.ts';

const decodeUser = createUserDecoder(null);

function decode(attributes: Readonly<Record<string, readonly (string | Buffer)[]>>, dn: string | Buffer = 'CN=Ada,DC=test'): DecodedUser {
  return decodeUser(new BerReader(searchEntry(dn, attributes)));
}

describe('decoding a user', () => {
  it('reads every attribute under its own name', () => {
    const texts = Object.fromEntries(textAttributes.map((name) => [name, [`value of ${name}`]]));
    const bytes = Object.fromEntries(binaryAttributes.map((name) => [name, [Buffer.from(name)]]));

    const { raw, problem, nextAddress } = decode({ ...texts, ...bytes, proxyAddresses: ['smtp:a', 'smtp:b'] });

    expect(raw).toEqual({
      ...emptyRawUser('CN=Ada,DC=test'),
      ...Object.fromEntries(textAttributes.map((name) => [name, `value of ${name}`])),
      ...Object.fromEntries(binaryAttributes.map((name) => [name, Buffer.from(name)])),
      proxyAddresses: ['smtp:a', 'smtp:b'],
    });
    expect(problem).toBeNull();
    expect(nextAddress).toBeNull();
  });

  it('knows names in any case, and no other names', () => {
    const { raw } = decode({ MAIL: ['a@example.test'], samaccountname: ['ada'], mai1: ['x'], snn: ['x'], unknown: ['x'], '': ['x'] });

    expect(raw).toEqual({ ...emptyRawUser('CN=Ada,DC=test'), mail: 'a@example.test', sAMAccountName: 'ada' });
  });

  it('P9 takes the first of several values, and none for absent', () => {
    expect(decode({ mail: ['a@example.test', 'b@example.test'], title: [] }).raw).toMatchObject({ mail: 'a@example.test', title: null });
  });

  it('P8 takes an objectGUID as bytes even when they are valid text', () => {
    const guid = Buffer.from('sixteen letters!');

    expect(decode({ objectGUID: [guid] }).raw.objectGUID).toEqual(guid);
    expect(decode({ OBJECTGUID: [guid] }).raw.objectGUID).toEqual(guid);
  });

  it('reads text beyond ASCII, and a replacement character that is really there', () => {
    const { raw, problem } = decode({ givenName: ['Zoë'], sn: ['Łukasz 李'], title: ['\uFFFD'] }, 'CN=Zoë,DC=test');

    expect(raw).toMatchObject({ dn: 'CN=Zoë,DC=test', givenName: 'Zoë', sn: 'Łukasz 李', title: '\uFFFD' });
    expect(problem).toBeNull();
  });

  it.each([
    ['text that is no UTF-8', { givenName: [Buffer.from([0x41, 0xff])] }, 'CN=Ada', 'givenName is no UTF-8'],
    ['a DN that is no UTF-8', {}, Buffer.from([0x43, 0x4e, 0x3d, 0xff]), 'its DN is no UTF-8'],
    ['a huge value', { title: ['x'.repeat(65_537)] }, 'CN=Ada', 'title has 65537 bytes'],
    ['a huge address', { proxyAddresses: ['x'.repeat(65_537)] }, 'CN=Ada', 'proxyAddresses has a value of 65537 bytes'],
    [
      'more addresses than anybody has',
      { proxyAddresses: Array.from({ length: 20_001 }, (_, index) => `smtp:a${index}`) },
      'CN=Ada',
      'proxyAddresses has more than 20000 values',
    ],
    ['no DN', {}, '', 'it has no DN'],
    ['a DN longer than any', {}, `CN=${'x'.repeat(17_000)}`, 'its DN has 17003 bytes'],
  ])('reports %s instead of using the entry', (_, attributes, dn, problem) => {
    expect(decode(attributes, dn).problem).toBe(problem);
  });

  it.each(['objectGUID', 'mail', 'userAccountControl', 'proxyAddresses', 'isCriticalSystemObject'])(
    'D1 believes neither value of %s when an entry has it twice, in whatever spelling',
    (name) => {
      for (const second of ['another', 'the first']) {
        const { raw, problem } = decode({ [name]: ['the first'], [name.toUpperCase()]: [second] });

        expect(problem).toBe(`${name} is in it more than once`);
        expect(String(raw[name as keyof typeof raw])).toBe('the first');
      }
    },
  );

  it('D1 believes no address when they come whole and in parts', () => {
    const { problem } = decode({ proxyAddresses: ['smtp:a'], 'proxyAddresses;range=0-1': ['smtp:b', 'smtp:c'] });

    expect(problem).toBe('proxyAddresses is in it more than once');
  });

  it('keeps little of a DN that is too long', () => {
    expect(decode({}, `CN=${'x'.repeat(1_000_000)}`).raw.dn.length).toBeLessThanOrEqual(1000);
  });

  it('P7 notes the range that is left, whether or not the empty attribute comes with it', () => {
    const range = { 'proxyAddresses;range=0-1': ['smtp:a', 'smtp:b'] };

    for (const attributes of [range, { proxyAddresses: [], ...range }, { ...range, proxyAddresses: [] }]) {
      expect(decode(attributes)).toMatchObject({ nextAddress: 2, raw: { proxyAddresses: ['smtp:a', 'smtp:b'] } });
    }
    expect(decode({ 'proxyAddresses;range=0-*': ['smtp:a'] })).toMatchObject({ nextAddress: null, raw: { proxyAddresses: ['smtp:a'] } });
  });

  it.each([
    ['member;range=0-1499', { name: 'member', from: 0, to: 1499 }],
    ['Member;Range=1500-*', { name: 'member', from: 1500, to: null }],
    ['member', null],
    ['member;binary', null],
    ['member;range=a-b', null],
  ])('P7 reads the range of %s', (attribute, range) => {
    expect(parseRange(attribute)).toEqual(range);
  });

  it('D1 reads the identity of a server without objectGUID in lower case', () => {
    const decodeGeneric = createUserDecoder('entryUUID');

    expect(decodeGeneric(new BerReader(searchEntry('CN=Ada', { entryUUID: ['AB-1'], mail: ['m'] }))).raw).toMatchObject({
      immutableId: 'ab-1',
      mail: 'm',
    });
  });

  it('refuses values that reach beyond their attribute', () => {
    const values = element(berTags.set, Buffer.concat([text('a'), text('b')]));
    const attribute = element(berTags.sequence, Buffer.concat([text('mail'), values]));
    // One byte too short for what it holds; the byte itself is still there, as the start of what follows.
    const short = Buffer.from(attribute);
    short.writeUInt8(attribute.length - 3, 1);
    const entry = element(0x64, Buffer.concat([text('CN=Ada'), element(berTags.sequence, short)]));

    expect(() => decodeUser(new BerReader(entry))).toThrow(BerError);
    expect(() => decodeEntry(new BerReader(entry))).toThrow(BerError);
  });

  it('refuses them in an attribute that it does not read, too', () => {
    const next = element(berTags.sequence, Buffer.concat([text('mail'), element(berTags.set, text('a@example.test'))]));
    const header = Buffer.from([berTags.set, next.length]);
    const greedy = element(berTags.sequence, Buffer.concat([text('other'), header]));
    const entry = element(0x64, Buffer.concat([text('CN=Ada'), element(berTags.sequence, Buffer.concat([greedy, next]))]));

    expect(() => decodeUser(new BerReader(entry))).toThrow(BerError);
  });

  it('refuses bytes that are no entry, and never anything else', () => {
    const whole = searchEntry('CN=Ada,DC=test', {
      mail: ['a@example.test'],
      objectGUID: [Buffer.alloc(16, 7)],
      proxyAddresses: ['smtp:a'],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, value) => {
        const spoilt = Buffer.from(whole);
        spoilt[place] = value;
        for (const read of [decodeUser, decodeEntry]) {
          try {
            read(new BerReader(spoilt));
          } catch (error) {
            expect(error).toBeInstanceOf(BerError);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('decoding any entry', () => {
  it('reads values as bytes and text, names in any case', () => {
    const entry = decodeEntry(new BerReader(searchEntry('CN=Group', { objectSid: [Buffer.from([1, 2])], Member: ['a', 'b'] })));

    expect(entry.dn).toBe('CN=Group');
    expect(firstBytes(entry, 'objectSid')).toEqual(Buffer.from([1, 2]));
    expect(firstText(entry, 'member')).toBe('a');
    expect(firstText(entry, 'mail')).toBeNull();
    expect(firstBytes(entry, 'mail')).toBeNull();
  });
});
