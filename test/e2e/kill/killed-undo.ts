import { expect } from 'vitest';
import { syncOf } from '../people.ts';
import type { SitePsaType } from '../psa/site-psa.ts';
import { emailOf, openTwoWay, phoneOf } from '../two-way/pair.ts';
import type { KilledWork } from './describe-killed-work.ts';
import type { Counts } from './killed-two-way.ts';

/** An undo of a run that wrote two contacts of the PSA; what was undone stays so, whatever comes next (A5). */
export function killedUndo(psa: SitePsaType, counts: Counts): KilledWork {
  return {
    name: `an undo of values of the PSA, ${psa}`,
    ...counts,
    async open() {
      const pair = await openTwoWay(psa, 2);
      const { site } = pair;
      return {
        site,
        async prepare(round) {
          const before = [0, 1].map((index) => pair.view(index).psa);
          pair.editItGlue(0, { title: `Boss ${round}`, phones: [`1${phoneOf(0)}`, `1628555${3000 + round}`] });
          pair.editItGlue(1, { title: `Chief ${round}`, emails: [emailOf(1), `one${round}@acme.test`] });
          const sync = await site.call('sync', '--json');
          const run = syncOf(sync).run ?? '';
          expect(sync.exit, sync.stdout).toBe(0);
          expect(pair.view(0).psa).toMatchObject({ title: `Boss ${round}` });
          const edited = [0, 1].map((index) => pair.view(index).itGlue);
          return {
            start: () => site.start('undo', run, '--json'),
            next: async () => [await site.call('sync', '--json'), await site.call('undo', run, '--json')],
            expectDone() {
              expect([0, 1].map((index) => pair.view(index).psa)).toEqual(before);
              expect(
                [0, 1].map((index) => pair.view(index).itGlue),
                'the run wrote nothing there',
              ).toEqual(edited);
            },
          };
        },
        [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
      };
    },
  };
}
