import { expect } from 'vitest';
import type { LdifPerson } from '../ldif-people.ts';
import { addContact, contactWith, person } from '../people.ts';
import type { SitePsaType } from '../psa/site-psa.ts';
import { startSite } from '../site.ts';
import type { KilledWork } from './describe-killed-work.ts';
import type { Counts } from './killed-two-way.ts';

/**
 * A sync that links two contacts with those that the PSA has already (P8): one lacks title, phone and key there, one lacks them in IT Glue.
 */
export function killedLink(psa: SitePsaType, counts: Counts): KilledWork {
  return {
    name: `a sync that links and fills blanks, ${psa}`,
    ...counts,
    async open() {
      const people: LdifPerson[] = [person('zoe')];
      const site = await startSite({ psa, people });
      const first = await site.call('sync', '--json');
      expect(first.exit, first.stdout).toBe(0);
      return {
        site,
        prepare(round) {
          const [blank, full] = [`ida${round}`, `ada${round}`];
          const number = (start: string): string => `${start}555${String(3000 + round)}`;
          people.push(person(blank, { title: 'Fitter', telephoneNumber: `+1 ${number('415')}` }));
          people.push(person(full, { telephoneNumber: null }));
          site.setPeople(people);
          addContact(site, blank);
          addContact(site, full, { locationId: site.office.itGlue });
          const twin = (name: string, more: object) =>
            site.psa.add({
              firstName: name.charAt(0).toUpperCase() + name.slice(1),
              lastName: 'Kesten',
              emails: [`${name}@acme.test`],
              location: site.psa.office,
              ...more,
            }).id;
          const twins = [twin(blank, {}), twin(full, { title: 'Chief', phones: [number('628')] })];
          return {
            start: () => site.start('sync', '--json'),
            next: async () => [await site.call('sync', '--json')],
            expectDone() {
              const [ida, ada] = twins.map((id) => site.psa.contact(id));
              const hasKeys = psa === 'connectwise' || psa === 'autotask';
              expect(ida).toMatchObject({ title: 'Fitter', phones: [expect.stringContaining(String(3000 + round))] });
              expect(contactWith(site, `${blank}@acme.test`)).toMatchObject({ title: 'Fitter', phones: [{}] });
              expect(contactWith(site, `${full}@acme.test`)).toMatchObject({
                title: 'Chief',
                phones: [{ value: expect.stringContaining(number('628')) }],
              });
              expect(ada).toMatchObject({ title: 'Chief', phones: [number('628')] });
              if (hasKeys) expect([ida?.key, ada?.key]).toEqual([expect.any(String), expect.any(String)]);
            },
          };
        },
        [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
      };
    },
  };
}
