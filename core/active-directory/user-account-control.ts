/** Bits of userAccountControl and msDS-User-Account-Control-Computed (MS-ADTS 2.2.16, 3.1.1.4.5.17). */
export const accountBits = {
  disabled: 0x2,
  /** Only in the computed attribute. */
  lockedOut: 0x10,
  passwordNotRequired: 0x20,
  interdomainTrust: 0x800,
  workstationTrust: 0x1000,
  serverTrust: 0x2000,
  passwordNeverExpires: 0x10000,
  smartcardRequired: 0x40000,
  /** Only in the computed attribute. */
  passwordExpired: 0x800000,
} as const;

/** Reads the signed 32-bit number; `null` when absent or no such number. */
export function parseAccountControl(text: string | null): number | null {
  if (text === null || !/^-?\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value >= -0x80000000 && value <= 0xffffffff ? value | 0 : null;
}

/** Tells whether all of `bits` are set. */
export function hasBits(value: number, bits: number): boolean {
  return (value & bits) === bits;
}

/** Tells whether it is the account of a computer or of a trust, which is no person (C2). */
export function isMachineAccount(value: number): boolean {
  return (value & (accountBits.interdomainTrust | accountBits.workstationTrust | accountBits.serverTrust)) !== 0;
}
