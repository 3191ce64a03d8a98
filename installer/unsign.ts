const peOffsetAt = 0x3c;
const optionalHeaderAt = 24;
const checkSumAt = 64;
const wideMagic = 0x20b;
/** The fifth data directory of a 64-bit image names its certificates. */
const certificatesAt = 112 + 4 * 8;

/** A Windows executable without its Authenticode signature; one that has none comes back as it is. Throws for what is none. */
export function withoutSignature(image: Buffer): Buffer {
  const header = image.readUInt32LE(peOffsetAt);
  const optional = header + optionalHeaderAt;
  if (image.toString('latin1', header, header + 4) !== 'PE\0\0' || image.readUInt16LE(optional) !== wideMagic) {
    throw new Error('This is not a 64-bit Windows executable.');
  }
  const start = image.readUInt32LE(optional + certificatesAt);
  const length = image.readUInt32LE(optional + certificatesAt + 4);
  if (start === 0) return image;
  if (start + length !== image.length) throw new Error('The signature is not at the end of the executable.');
  const bare = Buffer.from(image.subarray(0, start));
  bare.writeBigUInt64LE(0n, optional + certificatesAt);
  // Windows looks at it for drivers only, and zero means none.
  bare.writeUInt32LE(0, optional + checkSumAt);
  return bare;
}
