import type { OrganizationId, RunId } from '../../../core/model/ids.ts';
import type { ErrorDocument } from '../../cli/documents.ts';

/** What one look of the watch came to, organization by organization (P9). */
export interface WatchOutcome {
  /** The newest change that was seen on either side, RFC 3339; `null`: none yet, or the PSA does not tell its changes. */
  readonly seenTo: { readonly itGlue: string | null; readonly psa: string | null };
  /** Organizations in which something happened; those without are not named. */
  readonly organizations: readonly WatchedOrganization[];
  /** Why nothing could be looked at; the error of one organization is in its entry. */
  readonly error: ErrorDocument | null;
}

export interface WatchedOrganization {
  readonly organization: OrganizationId;
  /** The run that was recorded; `null`: nothing was written, so that there was nothing to record. */
  readonly run: RunId | null;
  readonly outcome: 'applied' | 'partly' | 'held' | 'failed';
  readonly error: ErrorDocument | null;
}
