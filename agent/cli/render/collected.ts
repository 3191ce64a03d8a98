import type { View } from '../answer.ts';
import type { CollectedDocument } from '../documents-collector.ts';
import { noticeLines, organizationHeading, sections } from './parts.ts';
import { readLines } from './scan.ts';
import { sentLines } from './sent.ts';

/** The result of a collector's sync: what was read, and what the hub has of it. */
export function renderCollected(sync: CollectedDocument, view: View): string {
  const run = sync.run === null ? '' : view.style.quiet(`  run ${sync.run}`);
  return sections(
    [organizationHeading(sync, view) + run, ...(sync.message === null ? [] : [sync.message])],
    ...sync.directories.map((read) => readLines(read, view)),
    sentLines(sync.sent, view),
    noticeLines(sync.notices, view),
  );
}
