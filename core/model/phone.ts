/** A phone number, parsed at the edge: `core` compares, it does not parse. */
export interface Phone {
  /** As it was written. */
  readonly raw: string;
  /** `+14155550100`, when the number is valid for its country; else `null`, and the digits are compared. */
  readonly e164: string | null;
  readonly extension: string | null;
}
