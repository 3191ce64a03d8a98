import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load-config.ts';
import {
  directoriesOf,
  organizationSettings,
  organizationsOf,
  phoneCountryOf,
  watchedGroupsOf,
} from '../../../agent/config/organizations.ts';
import type { Config } from '../../../agent/config/schema.ts';
import { organizationId } from '../../../core/model/ids.ts';
import { fullConfig, type Json, smallestConfig, temporaryFolder, withValue } from './config-file.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.dispose());

async function configOf(json: Json): Promise<Config> {
  return (await loadConfig(folder.write('config.json', json))).config;
}

const ours = organizationId('4711');
const other = organizationId('4712');

describe('organizations of the configuration', () => {
  it('are the collector’s own and those of directories, each once', async () => {
    const json = withValue(
      smallestConfig(),
      ['directories'],
      [
        { name: 'b', type: 'ldif', file: 'b.ldif', organization: '4712' },
        { name: 'a', type: 'ldif', file: 'a.ldif' },
        { name: 'c', type: 'ldif', file: 'c.ldif', organization: '4712' },
      ],
    );

    const config = await configOf(json);

    expect(organizationsOf(config)).toEqual(['4711', '4712']);
    expect(directoriesOf(config, ours).map((directory) => directory.name)).toEqual(['a']);
    expect(directoriesOf(config, other).map((directory) => directory.name)).toEqual(['b', 'c']);
  });

  it('H1 are those with settings of their own too where collectors may send to this machine', async () => {
    const json = { ...smallestConfig(), directories: [], organizations: { 4712: {}, 4713: {} } };

    expect(organizationsOf(await configOf({ ...json, hub: { listen: '127.0.0.1:7443' } }))).toEqual(['4712', '4713']);
    expect(organizationsOf(await configOf({ ...smallestConfig(), organizations: { 4712: {} } }))).toEqual(['4711']);
  });

  it('leave the collector’s out when every directory has one of its own', async () => {
    const config = await configOf(withValue(smallestConfig(), ['directories', 0, 'organization'], '4712'));

    expect(organizationsOf(config)).toEqual(['4712']);
  });
});

const nothing = { contactType: '', psaInactive: false, afterDays: 0 };

describe('settings of an organization', () => {
  it('are those of the file where nothing is overridden', async () => {
    const settings = organizationSettings(await configOf(withValue(fullConfig(), ['collector', 'location'], 'Head Office')), ours);

    expect(settings).toEqual({
      organization: '4711',
      collectorLocations: { 'acme-hq': 'Head Office' },
      contacts: {
        create: 'off',
        createWhen: { require: ['firstName', 'lastName', 'email'], statuses: [], mailboxes: [] },
        matchByName: 'auto',
        fields: {
          firstName: 'merge',
          lastName: 'merge',
          title: 'merge',
          email: 'merge',
          phone: 'merge',
          location: 'merge',
          contactType: 'merge',
          important: 'merge',
        },
        locationMap: {},
        locationFallback: 'none',
        overlay: 'flexible-asset',
        overlayLogonDays: 7,
        contactTypeRules: [],
        leavers: { disabled: nothing, gone: nothing, missing: nothing },
      },
      psa: {
        type: 'bms',
        push: 'direct',
        twoWay: true,
        settleMinutes: 15,
        emailType: '',
        phoneType: '',
        contactType: '',
        emailTypeId: '',
        phoneTypeId: '',
        setPhonePrimary: true,
        blankPhone: '000-000-0000',
        organizationTypes: [],
        organizationStatuses: [],
        company: '',
        blankPhoneInItGlue: false,
        locations: {},
      },
      limits: {
        firstRun: 'hold',
        standingApproval: { kinds: [], most: 0 },
        guards: {
          create: { floor: 20, share: 0.1 },
          update: { floor: 20, share: 0.25 },
          push: { floor: 20, share: 0.1 },
          blank: { floor: 3, share: 0.01 },
          rematch: { floor: 3, share: 0.01 },
          deactivate: { floor: 3, share: 0.05 },
        },
      },
    });
  });

  it('take the override setting by setting, for that organization alone', async () => {
    const json = {
      ...withValue(fullConfig(), ['psa', 'locations'], { 'Head Office': '11', Depot: '12' }),
      contacts: { create: 'off', matchByName: 'suggest', fields: { title: 'never', email: 'clear' }, phoneCountry: 'DE' },
      limits: { create: { floor: 5 }, push: { share: '50%' } },
      organizations: {
        4711: {
          contacts: { create: 'auto', fields: { title: 'overwrite' }, phoneCountry: 'CH', createWhen: { require: [] } },
          psa: { company: '250', twoWay: false, emailType: 'Work', locations: { Depot: '13', Shop: '14' } },
          limits: { firstRun: 'auto', standingApproval: { kinds: ['create'], most: 50 }, create: { share: '2.5%' } },
        },
      },
    };
    const config = await configOf(json);

    const settings = organizationSettings(config, ours);
    const untouched = organizationSettings(config, other);

    expect(settings.contacts).toMatchObject({ create: 'auto', matchByName: 'suggest', createWhen: { require: [] } });
    expect(settings.contacts.fields).toMatchObject({ title: 'overwrite', email: 'clear', phone: 'merge' });
    expect(settings.psa).toMatchObject({ company: '250', twoWay: false, emailType: 'Work', push: 'direct' });
    expect(settings.psa.locations).toEqual({ 'Head Office': '11', Depot: '13', Shop: '14' });
    expect(untouched.psa.locations).toEqual({ 'Head Office': '11', Depot: '12' });
    expect(settings.limits.firstRun).toBe('auto');
    expect(settings.limits.standingApproval).toEqual({ kinds: ['create'], most: 50 });
    expect(settings.limits.guards.create).toEqual({ floor: 5, share: 0.025 });
    expect(settings.limits.guards.push).toEqual({ floor: 20, share: 0.5 });
    expect(phoneCountryOf(config, ours)).toBe('CH');
    expect(untouched.contacts).toMatchObject({
      create: 'off',
      fields: { title: 'never' },
      createWhen: { require: ['firstName', 'lastName', 'email'] },
    });
    expect(untouched.psa.company).toBe('');
    expect(untouched.limits.guards.create).toEqual({ floor: 5, share: 0.1 });
    expect(phoneCountryOf(config, other)).toBe('DE');
  });

  it('E8 E10 carry the rules about contact types and leavers; those of an organization take their place', async () => {
    const staff = { when: { group: 'CN=Staff,DC=corp' }, contactType: 'Employee', important: true };
    const json = {
      ...fullConfig(),
      contacts: {
        contactTypeRules: [staff, { when: { group: 'CN=Staff,DC=corp' } }, { when: { status: 'Expired' }, contactType: 'Former' }],
        onDisabled: { contactType: 'Former', psaInactive: true, afterDays: 30 },
        onMissing: { contactType: 'Unclear' },
      },
      organizations: { 4712: { contacts: { contactTypeRules: [{ when: { ou: 'OU=Board,DC=corp' } }], onDisabled: { afterDays: 7 } } } },
    };
    const config = await configOf(json);

    const { contacts } = organizationSettings(config, ours);
    const overridden = organizationSettings(config, other).contacts;

    expect(contacts.contactTypeRules).toEqual([
      staff,
      { when: { group: 'CN=Staff,DC=corp' }, contactType: '', important: null },
      { when: { status: 'Expired' }, contactType: 'Former', important: null },
    ]);
    expect(contacts.leavers).toEqual({
      disabled: { contactType: 'Former', psaInactive: true, afterDays: 30 },
      gone: nothing,
      missing: { contactType: 'Unclear', psaInactive: false, afterDays: 0 },
    });
    expect(overridden.contactTypeRules).toEqual([{ when: { ou: 'OU=Board,DC=corp' }, contactType: '', important: null }]);
    expect(overridden.leavers).toMatchObject({
      disabled: { contactType: '', psaInactive: false, afterDays: 7 },
      missing: { contactType: 'Unclear' },
    });
    expect(watchedGroupsOf(config, ours)).toEqual(['CN=Staff,DC=corp']);
    expect(watchedGroupsOf(config, other)).toEqual([]);
  });
});
