import { describe, expect, it } from 'vitest';
import type { View } from '../../../../agent/cli/answer.ts';
import type { DirectoryReadStatus, DirectoryStatusDocument } from '../../../../agent/cli/documents-status.ts';
import { directoryLines } from '../../../../agent/cli/render/status-directories.ts';
import { createStyle } from '../../../../agent/cli/terminal/style.ts';
import { directoryDocuments } from '../../../../agent/pipeline/status/directory-documents.ts';
import { logonSurvey, now, readRecord } from '../../doctor/directory/facts.ts';

const view: View = { style: createStyle(false), width: 200, isTerminal: false, now, sameOptions: '' };
const full = readRecord();
const changes = readRecord({ id: 2, startedAt: now - 60_000, finishedAt: now - 59_000 }, 'changes', 3);
const failing = readRecord({
  id: 3,
  outcome: 'failed',
  error: 'DIRECTORY_TIMEOUT',
  proof: null,
  startedAt: now - 30_000,
  finishedAt: now - 20_000,
});
const failed = [{ server: 'ldaps://dc2', code: 'DIRECTORY_UNREACHABLE', message: 'no' }];

function documentOf(source: Partial<Parameters<typeof directoryDocuments>[0][number]>): DirectoryStatusDocument {
  const [document] = directoryDocuments(
    [{ latest: full, latestComplete: full, latestFull: full, logons: null, ...source }],
    () => true,
    [],
  );
  if (document === undefined) throw new Error('the directory is read');
  return document;
}

describe('a directory in status', () => {
  it('is what the store knows of its reads and its last logons', () => {
    const document = documentOf({ latest: failing, latestComplete: changes, logons: logonSurvey({ failed, exact: false }) });

    expect(document).toMatchObject({
      organization: '4711',
      directory: 'corp',
      lastRead: { kind: null, outcome: 'failed', error: 'DIRECTORY_TIMEOUT', server: null, durationMs: 10_000 },
      lastComplete: { kind: 'changes', users: 3, durationMs: 1000, at: '2026-11-22T07:59:01.000Z' },
      lastFull: {
        kind: 'full',
        users: 1204,
        server: 'ldaps://dc1.corp.example.test',
        site: 'Berlin',
      } satisfies Partial<DirectoryReadStatus>,
      tombstones: 'hidden',
      logons: { exact: false, answered: 1, asked: 2, failed: [{ server: 'ldaps://dc2', code: 'DIRECTORY_UNREACHABLE' }] },
    });
  });

  it('is left out when the configuration does not name it any more, and has the problems that are about it', () => {
    const source = { latest: full, latestComplete: full, latestFull: full, logons: null };
    const problem = { code: 'DIRECTORY_TIMEOUT', place: { directory: 'corp' } } as never;
    const other = { code: 'DIRECTORY_RIGHTS', place: { directory: 'other' } } as never;

    expect(directoryDocuments([source], () => false, [])).toEqual([]);
    expect(directoryDocuments([source], () => true, [problem, other])[0]?.problems).toEqual(['DIRECTORY_TIMEOUT']);
  });

  it.each([
    ['in full', {}, /^ {2}corp {2}in full 2 d 23 h ago from ldaps:\/\/dc1\.corp\.example\.test \(Berlin\) · deleted users hidden/],
    ['by changes', { latest: changes, latestComplete: changes }, /corp {2}changes just now from ldaps.* · in full 2 d 23 h ago · deleted/],
    ['and failing', { latest: failing }, /corp {2}failed .* · in full 2 d 23 h ago/],
    ['with exact last logons', { logons: logonSurvey() }, /last logons exact, 1 of 1 controller 5 h ago/],
    [
      'with last logons that not all tell',
      { logons: logonSurvey({ failed, exact: false }) },
      /last logons within 14 days, 1 of 2 controllers/,
    ],
  ])('is one line when it was read %s', (_, source, words) => {
    const lines = directoryLines([documentOf(source)], view);

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(words);
  });

  it('is no line when it is a file', () => {
    expect(directoryLines([{ ...documentOf({}), type: 'ldif' }], view)).toEqual([]);
  });
});
