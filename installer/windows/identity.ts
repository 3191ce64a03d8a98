import { createHash } from 'node:crypto';

/** The namespace of this product's ids: made once, at random. */
const namespace = '5f0ad3b2-9f1c-4c3e-8f4b-6d2f7a1c9e70';

/** What says to Windows that one package is an upgrade of another: never changes. */
export const upgradeCode = '{B0B6F7C8-3C56-4B0F-9C85-52D8D6B7E0A4}';

/** A UUID of version 5 (RFC 9562) for a name, in braces and capitals as an MSI has it: the same for the same name. */
export function nameId(name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex').toUpperCase();
  return `{${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}}`;
}

/** `1.2.3` of a version, as Windows Installer compares them; throws for what does not fit into its three numbers. */
export function productVersion(version: string): string {
  const [, major = '', minor = '', build = ''] = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version) ?? [];
  if (build === '' || Number(major) > 255 || Number(minor) > 255 || Number(build) > 65_535) {
    throw new Error(`${version} cannot be the version of an MSI, which has three numbers up to 255, 255 and 65535.`);
  }
  return `${major}.${minor}.${build}`;
}
