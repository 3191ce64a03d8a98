import type { Absence } from '../../../core/model/absence.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { UploadManifest } from '../../hub/protocol/uploads.ts';

/** A collector's moments by the hub's clock, which need not agree with the collector's (D3). */
export interface OwnClock {
  at(moment: Moment): Moment;
  absence(absence: Absence): Absence;
}

/**
 * What was when the upload began is the same moment by both clocks, so all others follow. Nothing that was seen lies ahead of the
 * hub's own time, whatever a clock that was set in between says, nor so long ago that no date can tell it and the store cannot give it
 * back: a collector may say what it likes.
 */
export function ownClock({ clock }: Pick<UploadManifest, 'clock'>, receivedAt: Moment): OwnClock {
  const shift = receivedAt - clock;
  const at = (moment: Moment): Moment => Math.max(0, Math.min(receivedAt, moment + shift));
  return { at, absence: (absence) => ({ ...absence, since: at(absence.since), checkedAt: at(absence.checkedAt) }) };
}
