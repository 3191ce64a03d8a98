/** The versions of the hub's protocol that this program speaks; a hub and a collector use the newest that both do. */
export const protocolVersions = { oldest: 1, newest: 1 } as const;

/** The newest version that both sides speak; `null`: there is none, one of them has to be updated. */
export function commonVersion(theirs: { readonly oldest: number; readonly newest: number }): number | null {
  const newest = Math.min(theirs.newest, protocolVersions.newest);
  return newest >= Math.max(theirs.oldest, protocolVersions.oldest) ? newest : null;
}

/** Names of the headers by which a request says who asks. The key is `authorization: Bearer KEY`. */
export const headers = { version: 'rollcall-version', protocol: 'rollcall-protocol', pageHash: 'rollcall-page-sha256' } as const;
