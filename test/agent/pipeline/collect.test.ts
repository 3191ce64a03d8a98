import { beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../../agent/pipeline/collect.ts';
import { silentLogger } from '../../../agent/telemetry/logger.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { DirectoryRead, DirectorySource, ReadProof, ReadRequest } from '../../../core/ports/directory-source.ts';
import type { Store } from '../../../core/ports/store.ts';
import { acme, sampleEntry, sampleProof, sightingsOf } from '../../contract/store.samples.ts';
import { useTemporaryStore } from '../store/temporary-store.ts';

const task = { update() {}, done() {}, fail() {} };
const checkpoint = { mark: 'of the last read' };

describe('collecting a directory', () => {
  const place = useTemporaryStore();
  let store: Store;
  let now: number;
  const requests: ReadRequest[] = [];

  beforeEach(async () => {
    store = await place.open();
    now = 1_000;
    requests.length = 0;
  });

  async function accuracies(): Promise<readonly string[]> {
    return (await sightingsOf(store)).map(({ entry }) => entry.account.lastLogonAccuracy);
  }

  /** Reads once, as the schedule does when nothing else is due; the source gives what is asked of it with this proof, or fails. */
  async function readOnce(answer: Partial<ReadProof> | RollcallError, survey?: DirectorySource['surveyLogons']) {
    const source: DirectorySource = {
      name: 'corp',
      type: 'active-directory',
      check: () => Promise.reject(new Error('not asked for')),
      async read(handler, request): Promise<DirectoryRead> {
        requests.push(request);
        if (answer instanceof RollcallError) throw answer;
        await handler.onPage([sampleEntry('a')]);
        return { proof: sampleProof(1, answer), checkpoint, evidence: [] };
      },
      ...(survey === undefined ? {} : { surveyLogons: survey }),
    };
    now += 60_000;
    const context = { organization: acme, collector: 'hq', store, logger: silentLogger(), progress: { start: () => task } };
    const [document] = await collect({ ...context, full: false, attended: false, now: () => now }, [
      { name: 'corp', type: 'active-directory', source, lastLogonEveryMs: 3_600_000 },
    ]);
    return document?.outcome;
  }

  it('C9 asks for changes after a read that landed, and after one that a busy or absent server failed', async () => {
    expect(await readOnce({ kind: 'full' })).toBe('complete');
    expect(await readOnce(new RollcallError('DIRECTORY_UNREACHABLE', 'down'))).toBe('failed');
    await readOnce({ kind: 'changes' });

    expect(requests.map((request) => [request.full, request.checkpoint])).toEqual([
      [false, null],
      [false, checkpoint],
      [false, checkpoint],
    ]);
  });

  it.each<[string, Partial<ReadProof> | RollcallError]>([
    ['were not whole', { kind: 'changes', complete: false, gaps: ['values were kept back'] }],
    ['could not be understood', new RollcallError('DIRECTORY_PROTOCOL', 'sent a message of 9 MiB')],
  ])('C9 asks for everything after changes that %s: the same would come again', async (_words, answer) => {
    await readOnce({ kind: 'full' });
    await readOnce(answer);
    await readOnce({ kind: 'full' });

    expect(requests.at(-1)).toMatchObject({ full: true, checkpoint: null });
  });

  it('C1 takes fewer containers for true when two reads of everything say so, though changes are asked for in between', async () => {
    await readOnce({ kind: 'full', containers: 5 });
    expect(await readOnce({ kind: 'full', containers: 4 })).toBe('incomplete');

    expect(await readOnce({ kind: 'full', containers: 4 })).toBe('complete');
    expect(requests.at(-1)).toMatchObject({ full: true });
  });

  it('C4 calls no last logon exact any more once not all controllers are asked', async () => {
    await readOnce({ kind: 'full' }, () => Promise.resolve({ asked: [], failed: [], exact: true, logons: new Map([['a', 500]]) }));
    expect(await accuracies()).toEqual(['exact']);

    await readOnce({ kind: 'full' });

    expect(await accuracies()).toEqual(['within 14 days']);
    expect((await sightingsOf(store)).map(({ entry }) => entry.account.lastLogon)).toEqual([500]);
  });

  it('C9 goes on with changes while reads of everything cannot be whole', async () => {
    await readOnce({ kind: 'full' });
    await readOnce({ kind: 'full', complete: false, gaps: ['the account state of users cannot be read'] });
    await readOnce({ kind: 'changes' });

    expect(requests.at(-1)).toMatchObject({ full: false, checkpoint });
  });
});
