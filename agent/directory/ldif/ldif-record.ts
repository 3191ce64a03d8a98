/** One record of an LDIF file. Attribute names in lower case, without options. */
export interface LdifRecord {
  readonly dn: string;
  /** The line of its `dn:`. */
  readonly line: number;
  readonly attributes: ReadonlyMap<string, readonly (string | Buffer)[]>;
  /** Attributes of which the export kept values back (`member;range=0-1499`). */
  readonly partial: readonly string[];
}

/** What the file says about itself, known at its end. */
export interface LdifEnd {
  /** Why the file may not be all of the export; empty when nothing speaks against it. */
  readonly gaps: readonly string[];
  /** The record that the end of the file cut in the middle of a line. */
  readonly cutOff: { readonly dn: string; readonly line: number } | null;
}

/** What is wrong with a file, and where. */
export class LdifSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
