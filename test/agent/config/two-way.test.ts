import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../../../agent/config/schema.ts';
import { resyncedOrganizations, twoWayOrganizations, watchMark } from '../../../agent/config/two-way.ts';
import { fullConfig, type Json, withValue } from './config-file.ts';

/** A configuration of two customers, 4711 and 4712, with these settings of the PSA and of 4712's own. */
function configOf(psa: Json = {}, own: Json = {}): Config {
  const base = fullConfig();
  const [directory] = base['directories'] as readonly Json[];
  const directories = [directory, { ...directory, name: 'other', organization: '4712' }];
  const organizations = { '4712': { psa: own } };
  const settings = { ...(base['psa'] as Json), ...psa };
  return configSchema.parse({ ...base, directories, organizations, psa: settings });
}

describe('P9 two-way sync is on', () => {
  it.each<[string, Json, Json, readonly string[]]>([
    ['with a PSA, as it is by default', {}, {}, ['4711', '4712']],
    ['where IT Glue pushes', { push: 'it-glue' }, {}, ['4711', '4712']],
    ['nowhere with twoWay off', { twoWay: false }, {}, []],
    ['nowhere with push off', { push: 'off' }, {}, []],
    ['for one customer alone, who has it on', { twoWay: false }, { twoWay: true }, ['4712']],
    ['for all but the customer who has it off', {}, { twoWay: false }, ['4711']],
    ['for all but the customer whose push is off', {}, { push: 'off' }, ['4711']],
  ])('%s', (_name, psa, own, organizations) => {
    expect(twoWayOrganizations(configOf(psa, own))).toEqual(organizations);
  });

  it('nowhere without a PSA', () => {
    const config = configSchema.parse(withValue(fullConfig(), ['psa'], { type: 'none' }));
    expect(twoWayOrganizations(config)).toEqual([]);
  });
});

describe('S3 what the watch asks', () => {
  it.each<[string, Config, boolean]>([
    ['another address of the PSA', configOf({ baseUrl: 'https://bms.example.test' }), true],
    ['another account', configOf({ credentials: { userName: 'other', password: 'env:BMS_PASSWORD', tenant: 'MSP' } }), true],
    ['another customer', configOf({}, { twoWay: false }), true],
    ['another schedule', { ...configOf(), schedule: { ...configOf().schedule, scan: '0 1 * * *' } }, false],
  ])('differs with %s: %s', (_name, config, differs) => {
    expect(watchMark(config) !== watchMark(configOf())).toBe(differs);
  });
});

describe('P7 a sync follows', () => {
  it.each<[string, Json, Json, readonly string[]]>([
    ['a changed selection of types', { organizationTypes: ['Customer'] }, {}, ['4711', '4712']],
    ['a changed selection of statuses', { organizationStatuses: ['Active'] }, {}, ['4711', '4712']],
    ["a customer's own selection", {}, { organizationTypes: ['Customer'] }, ['4712']],
    ["a customer's own statuses", {}, { organizationStatuses: ['Active'] }, ['4712']],
    ['another company', {}, { company: '250' }, ['4712']],
    ['push switched off', { push: 'off' }, {}, ['4711', '4712']],
    ['two-way sync switched off', { twoWay: false }, {}, ['4711', '4712']],
    ['another PSA', { type: 'vorex' }, {}, ['4711', '4712']],
    ['no change, but what was the same spelt out', {}, { twoWay: true, organizationTypes: [] }, []],
    ['a setting of another kind', { setPhonePrimary: false }, { settleMinutes: 1 }, []],
  ])('%s, for whom it concerns', (_name, psa, own, organizations) => {
    expect(resyncedOrganizations(configOf(), configOf(psa, own))).toEqual(organizations);
  });

  it('a selection in another order is no other selection', () => {
    const names = fc.uniqueArray(
      fc.string({ minLength: 1 }).filter((name) => name.trim() !== ''),
      { maxLength: 8 },
    );
    const base = configOf();
    const selecting = (organizationTypes: readonly string[]): Config => ({
      ...base,
      psa: { ...base.psa, organizationTypes: [...organizationTypes] },
    });
    fc.assert(
      fc.property(
        names.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(resyncedOrganizations(selecting(all), selecting(shuffled))).toEqual([]);
          expect(resyncedOrganizations(selecting(all), selecting([...shuffled, 'one more than those of eight']))).not.toEqual([]);
        },
      ),
    );
  });

  it('no sync of this kind for a customer who is new: the next scan brings it', () => {
    const one = configSchema.parse(fullConfig());
    expect(resyncedOrganizations(one, configOf())).toEqual([]);
  });
});
