import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeFilterBytes, formatGuid, parseGuid } from '../../../core/active-directory/object-guid.ts';

const wire = Uint8Array.from([0xff, 0x19, 0x96, 0x6f, 0x86, 0x8b, 0x11, 0xd0, 0xb4, 0x2d, 0x00, 0xc0, 0x4f, 0xc9, 0x64, 0xff]);
const text = '6f9619ff-8b86-d011-b42d-00c04fc964ff';

describe('objectGUID', () => {
  it('D1 writes the first three fields from little-endian bytes', () => {
    expect(formatGuid(wire)).toBe(text);
  });

  it.each([[text], [text.toUpperCase()], [`{${text}}`], [` ${text} `]])('reads %j', (written) => {
    expect(parseGuid(written)).toEqual(wire);
  });

  it.each([[''], ['6f9619ff'], [text.slice(1)], [text.replace('6', 'g')], [`${text}0`]])('does not read %j', (written) => {
    expect(parseGuid(written)).toBeNull();
  });

  it.each([[0], [15], [17]])('is none with %i bytes', (length) => {
    expect(formatGuid(new Uint8Array(length))).toBeNull();
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseGuid(formatGuid(bytes) ?? '')).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('escapes every byte in wire order for a filter', () => {
    expect(escapeFilterBytes(wire.subarray(0, 5))).toBe('\\ff\\19\\96\\6f\\86');
    expect(escapeFilterBytes(Uint8Array.from([0, 0x2a]))).toBe('\\00\\2a');
  });
});
