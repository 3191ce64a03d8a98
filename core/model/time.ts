/** A moment: milliseconds since 1970-01-01T00:00:00Z. `core` never asks for the current one, it is told. */
export type Moment = number;

/** When a password expires (C6): a moment, one of two values that are no dates, or `null` when the directory does not tell. */
export type PasswordExpiry = Moment | 'never' | 'at next logon' | null;
