import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { fullConfig, type Json, smallestConfig, temporaryFolder, withValue } from './config-file.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.dispose());

async function noticesOf(json: Json): Promise<readonly string[]> {
  return (await loadConfig(folder.write('config.json', json))).notices;
}

describe('notices', () => {
  it('say nothing about a file that asks for nothing', async () => {
    expect(await noticesOf(smallestConfig())).toEqual([]);
  });

  it('P9 P10 say nothing of two-way sync and of a push by IT Glue, which take effect', async () => {
    expect(await noticesOf(fullConfig())).toEqual([]);
    expect(await noticesOf(withValue(fullConfig(), ['psa', 'push'], 'it-glue'))).toEqual([]);
    expect(await noticesOf(withValue(fullConfig(), ['psa', 'blankPhoneInItGlue'], true))).toEqual([]);
  });

  it.each<[string, Json, RegExp]>([
    [
      'an address instead of a name',
      withValue(fullConfig(), ['directories', 0, 'servers'], ['ldaps://10.0.0.1']),
      /servers: 10\.0\.0\.1: certificates/,
    ],
    [
      'a pin that all servers would have to have',
      withValue(withValue(fullConfig(), ['directories', 0, 'servers'], []), ['directories', 0, 'tls'], { pinSha256: 'ab'.repeat(32) }),
      /tls\.pinSha256: fits one server/,
    ],
    [
      'a name that all servers would have to show',
      withValue(withValue(fullConfig(), ['directories', 0, 'servers'], []), ['directories', 0, 'tls'], { serverName: 'dc1.corp.test' }),
      /tls\.serverName: fits one server/,
    ],
    [
      'a short name of a domain that is to be found',
      withValue(withValue(fullConfig(), ['directories', 0, 'servers'], []), ['directories', 0, 'domain'], 'CORP'),
      /domain: "CORP" has one part only/,
    ],
  ])('warn of %s', async (_, json, words) => {
    const [first, ...rest] = await noticesOf(withValue(json, ['psa'], undefined));

    expect(first).toMatch(words);
    expect(rest).toEqual([]);
  });

  it.each<[string, Json]>([
    ['servers found by DNS', withValue(fullConfig(), ['directories', 0, 'servers'], [])],
    ['a loopback address', withValue(fullConfig(), ['directories', 0, 'servers'], ['ldaps://127.0.0.1'])],
    [
      'an address with the name of its certificate',
      withValue(withValue(fullConfig(), ['directories', 0, 'servers'], ['ldaps://10.0.0.1']), ['directories', 0, 'tls'], {
        serverName: 'dc1.test',
      }),
    ],
    ['a short name beside named servers', withValue(fullConfig(), ['directories', 0, 'domain'], 'CORP')],
  ])('say nothing of %s', async (_, json) => {
    expect(await noticesOf(withValue(json, ['psa'], undefined))).toEqual([]);
  });

  it('stay quiet about defaults that are written out', async () => {
    const json = {
      ...smallestConfig(),
      schedule: { scan: '0 */4 * * *', jitterSeconds: 300 },
      hub: { listen: '' },
      console: { listen: '127.0.0.1:7420' },
      retention: { journal: '180d' },
      contacts: { contactTypeRules: [], onGone: {} },
      notify: {},
      proxy: {},
      log: { level: 'debug', directory: '' },
    };

    expect(await noticesOf(json)).toEqual([]);
  });

  it('H1 say what a collector leaves to its hub', async () => {
    const hub = { url: 'https://hub.example.test' };
    const unused = (section: string): string =>
      `${section} has no effect here: this machine collects for a hub (hub.url), and the hub decides.`;
    const json = { ...withValue(smallestConfig(), ['itglue'], undefined), hub };

    expect(await noticesOf(json)).toEqual([]);
    expect(await noticesOf({ ...json, contacts: {}, psa: { type: 'none' }, limits: { firstRun: 'auto' } })).toEqual([
      unused('psa'),
      unused('limits'),
    ]);
    expect(await noticesOf({ ...smallestConfig(), hub, organizations: { 9: { contacts: { create: 'auto' } } } })).toEqual([
      unused('itglue'),
      unused('organizations'),
    ]);
  });

  it('H1 say nothing of a hub, and of organizations whose collectors are elsewhere', async () => {
    const hub = { listen: '127.0.0.1:7443', certFile: '', keyFile: '' };

    expect(await noticesOf({ ...smallestConfig(), hub, organizations: { 4712: {} } })).toEqual([]);
    expect(await noticesOf({ ...smallestConfig(), organizations: { 4712: {} } })).toHaveLength(1);
  });

  it('E8 E10 say nothing of rules that take effect', async () => {
    const contacts = { contactTypeRules: [{ when: { status: 'Disabled' }, contactType: 'Former' }], onDisabled: { contactType: 'Former' } };

    expect(await noticesOf({ ...smallestConfig(), contacts })).toEqual([]);
  });

  it('C10 say nothing of onGone and onMissing, which take effect', async () => {
    const contacts = { onGone: { contactType: 'Former' }, onMissing: { contactType: 'Former' } };

    expect(await noticesOf({ ...smallestConfig(), contacts })).toEqual([]);
    expect(await noticesOf({ ...smallestConfig(), organizations: { 4711: { contacts } } })).toEqual([]);
  });

  it('E8 say that psaInactive has no effect without a PSA', async () => {
    const contacts = { onDisabled: { psaInactive: true } };

    expect(await noticesOf({ ...smallestConfig(), contacts })).toEqual([
      'contacts.onDisabled.psaInactive has no effect: no PSA is configured (psa.type).',
    ]);
    expect(await noticesOf({ ...withValue(fullConfig(), ['psa', 'twoWay'], false), contacts })).toEqual([]);
  });

  it('say that an override of an organization without a directory has no effect', async () => {
    const [notice] = await noticesOf({ ...smallestConfig(), organizations: { 99: { contacts: { create: 'auto' } } } });

    expect(notice).toMatch(/organizations.99 has no effect/);
  });

  it('say nothing of any PSA', async () => {
    const autotask = await noticesOf({
      ...smallestConfig(),
      psa: { type: 'autotask', credentials: { userName: 'api', secret: 'env:A', integrationCode: 'X1' } },
    });

    expect(autotask).toEqual([]);
  });
});
