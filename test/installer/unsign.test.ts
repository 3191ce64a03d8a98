import { describe, expect, it } from 'vitest';
import { withoutSignature } from '../../installer/unsign.ts';

const header = 0x80;
const optional = header + 24;
const certificates = optional + 112 + 32;

/** The head of a 64-bit image, its sections as `body`, and a certificate at its end. */
function image(options: { readonly body: string; readonly certificate: string; readonly after?: string; readonly magic?: number }): Buffer {
  const head = Buffer.alloc(0x200);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(header, 0x3c);
  head.write('PE\0\0', header, 'latin1');
  head.writeUInt16LE(options.magic ?? 0x20b, optional);
  head.writeUInt32LE(0xabcd, optional + 64);
  if (options.certificate !== '') {
    head.writeUInt32LE(head.length + options.body.length, certificates);
    head.writeUInt32LE(options.certificate.length, certificates + 4);
  }
  return Buffer.concat([head, Buffer.from(`${options.body}${options.certificate}${options.after ?? ''}`, 'latin1')]);
}

describe('an executable without its signature', () => {
  it('has neither the certificate, nor its entry, nor a sum of what is no longer there', () => {
    const bare = withoutSignature(image({ body: 'sections', certificate: 'signed by another' }));

    expect(bare.subarray(0x200).toString('latin1')).toBe('sections');
    expect(bare.readBigUInt64LE(certificates)).toBe(0n);
    expect(bare.readUInt32LE(optional + 64)).toBe(0);
  });

  it('is the same where there was none', () => {
    const unsigned = image({ body: 'sections', certificate: '' });

    expect(withoutSignature(unsigned)).toEqual(unsigned);
  });

  it('is not made where something follows the signature', () => {
    expect(() => withoutSignature(image({ body: 'sections', certificate: 'signed', after: 'x' }))).toThrow('not at the end');
  });

  it('is not made of what is no 64-bit Windows executable', () => {
    expect(() => withoutSignature(image({ body: '', certificate: '', magic: 0x10b }))).toThrow('not a 64-bit');
    expect(() => withoutSignature(Buffer.alloc(0x200))).toThrow('not a 64-bit');
  });
});
