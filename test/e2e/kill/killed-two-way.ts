import { expect } from 'vitest';
import type { SitePsaType } from '../psa/site-psa.ts';
import type { Finished } from '../site.ts';
import { emailOf, openTwoWay, phoneOf, type TwoWaySite } from '../two-way/pair.ts';
import type { KilledWork } from './describe-killed-work.ts';

/** Outside writes of one round of `changesOnBothSides`. */
export interface Counts {
  readonly total: number;
  readonly again?: number;
}

/** Values go both ways, of three contacts: one changed in IT Glue, one in the PSA, one on both sides. */
export function changesOnBothSides(pair: TwoWaySite, round: number): () => void {
  const was = [0, 1, 2].map((index) => pair.view(index).itGlue);
  const phone = `628555${3000 + round}`;
  pair.editItGlue(0, { title: `Boss ${round}`, phones: [`1${phoneOf(0)}`, `1${phone}`] });
  pair.editPsa(1, { lastName: `Brand${round}`, emails: [emailOf(1), `one${round}@acme.test`] });
  pair.editItGlue(2, { title: `Chief ${round}` });
  pair.editPsa(2, { firstName: `Ada${round}` });
  const wanted = [
    { ...was[0], title: `Boss ${round}`, phones: [phoneOf(0), phone] },
    { ...was[1], lastName: `Brand${round}`, emails: [emailOf(1), `one${round}@acme.test`] },
    { ...was[2], title: `Chief ${round}`, firstName: `Ada${round}` },
  ];
  return () => {
    for (const [index, both] of wanted.entries()) expect(pair.view(index)).toEqual({ itGlue: both, psa: both });
  };
}

export function killedSync(psa: SitePsaType, counts: Counts): KilledWork {
  return {
    name: `a sync in which values go both ways, ${psa}`,
    ...counts,
    async open() {
      const pair = await openTwoWay(psa, 3);
      const { site } = pair;
      return {
        site,
        prepare: (round) => ({
          expectDone: changesOnBothSides(pair, round),
          start: () => site.start('sync', '--json'),
          next: async () => [await site.call('sync', '--json')],
        }),
        [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
      };
    },
  };
}

/** After the kill comes the next look, or a sync. */
export function killedLook(psa: SitePsaType, counts: Counts): KilledWork {
  return {
    name: `a look of two-way sync, ${psa}`,
    ...counts,
    async open() {
      const pair = await openTwoWay(psa, 3);
      const { site } = pair;
      const look = async (): Promise<Finished> => {
        const json = await site.look();
        return { exit: json.error === null ? 0 : 1, stdout: JSON.stringify(json), stderr: '', json };
      };
      return {
        site,
        prepare: (round) => ({
          expectDone: changesOnBothSides(pair, round),
          start: () => site.startLook(),
          next: async ({ nth, when }) => [(nth % 2 === 1) === (when === 'before') ? await look() : await site.call('sync', '--json')],
        }),
        [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
      };
    },
  };
}
