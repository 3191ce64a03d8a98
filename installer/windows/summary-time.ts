/** The format id of a summary's property set, and where the set begins before it. */
const formatId = Buffer.from('e0859ff2f94f6810ab9108002b27b3d9', 'hex');
const formatIdAt = 28;
/** Properties that hold when the package was made and saved, and their type. */
const timeProperties: ReadonlySet<number> = new Set([12, 13]);
const fileTimeType = 0x40;
const fileTimeOf1970 = 116_444_736_000_000_000n;

/** An MSI whose summary says that it was made at `date` (RFC 3339): what is left of the build's own time. Throws when it has no such summary. */
export function withSummaryTime(msi: Buffer, date: string): Buffer {
  const found = msi.indexOf(formatId);
  if (found < formatIdAt) throw new Error('The MSI has no summary.');
  const set = found - formatIdAt;
  const section = set + msi.readUInt32LE(found + formatId.length);
  const count = msi.readUInt32LE(section + 4);
  const time = BigInt(Date.parse(date)) * 10_000n + fileTimeOf1970;
  let changed = 0;
  for (let index = 0; index < count; index += 1) {
    const entry = section + 8 + index * 8;
    if (!timeProperties.has(msi.readUInt32LE(entry))) continue;
    const value = section + msi.readUInt32LE(entry + 4);
    if (msi.readUInt32LE(value) !== fileTimeType) throw new Error("The MSI's summary has a time of an unknown type.");
    msi.writeBigUInt64LE(time, value + 4);
    changed += 1;
  }
  if (changed !== timeProperties.size) throw new Error("The MSI's summary does not tell when it was made.");
  return msi;
}
