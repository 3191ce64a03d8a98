const mebibyte = 1024 * 1024;

/** What the hub takes at most. The collector cuts its uploads so that they fit. */
export const uploadLimits = {
  /** Records (entries, absences, logons) of a page. */
  pageRecords: 1_000,
  /** Of a page as it is sent (gzip), in bytes. */
  pageBytes: 2 * mebibyte,
  /** Of a page when it is unpacked, in bytes: what says more than it should is refused before it fills the memory. */
  pageTextBytes: 16 * mebibyte,
  pages: 5_000,
  /** Of a message that is no page, in bytes. */
  messageBytes: 256 * 1024,
} as const;

/** Largest lengths of texts in messages, in UTF-16 units. */
export const textLimits = { name: 200, word: 1_000, text: 8_192, value: 65_536 } as const;
