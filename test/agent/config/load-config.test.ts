import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../agent/config/config-error.ts';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { RollcallError } from '../../../core/errors.ts';
import { fullConfig, type Json, smallestConfig, temporaryFolder, withValue } from './config-file.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.dispose());

async function refusal(file: string): Promise<RollcallError> {
  try {
    await loadConfig(file);
  } catch (error) {
    if (error instanceof RollcallError) {
      return error;
    }
    throw error;
  }
  throw new Error('the file was accepted');
}

async function problemsOf(config: Json): Promise<ConfigError> {
  const error = await refusal(folder.write('config.json', config));
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
}

const directory = (path: readonly (string | number)[], value: unknown): Json => withValue(fullConfig(), ['directories', 0, ...path], value);
const set = (path: readonly (string | number)[], value: unknown): Json => withValue(fullConfig(), path, value);

/** Signing in by a certificate. */
function certificate(changes: Json): Json {
  const tls = { certFile: 'svc.pem', keyFile: 'svc.key', ...changes };
  return withValue(withValue(directory(['tls'], tls), ['directories', 0, 'bindDn'], ''), ['directories', 0, 'password'], '');
}

/** What is wrong, the file, the path that is named, words of the message. */
const wrong: readonly (readonly [string, Json, string, RegExp])[] = [
  ['no collector', set(['collector'], undefined), 'collector', /missing; expected an object/],
  ['no directories', set(['directories'], undefined), 'directories', /missing; expected a list/],
  ['no itglue', set(['itglue'], undefined), 'itglue', /missing/],
  ['empty directories', set(['directories'], []), 'directories', /at least 1 entry/],
  ['directories as an object', set(['directories'], {}), 'directories', /a list/],
  ['collector as text', set(['collector'], 'acme'), 'collector', /an object .*found "acme"/],
  ['no collector name', set(['collector', 'name'], undefined), 'collector.name', /missing/],
  ['blank collector name', set(['collector', 'name'], '  '), 'collector.name', /a name for this collector/],
  ['organization as a number', set(['collector', 'organization'], 4711), 'collector.organization', /text in quotes; found the number 4711/],
  ['organization as words', set(['collector', 'organization'], 'Acme'), 'collector.organization', /digits in quotes.*found "Acme"/],
  ['organization zero', set(['collector', 'organization'], '0'), 'collector.organization', /organization id/],
  ['no organization', set(['collector', 'organization'], undefined), 'collector.organization', /missing/],
  ['subnet without prefix', set(['collector', 'subnets'], ['10.20.0.0']), 'collector.subnets[0]', /subnet like/],
  ['subnet with a prefix too long', set(['collector', 'subnets'], ['10.20.0.0/33']), 'collector.subnets[0]', /subnet like/],
  ['subnet that is none', set(['collector', 'subnets'], ['10.20.0.0/24', '10.300.0.0/24']), 'collector.subnets[1]', /subnet like/],
  ['IPv6 subnet with a prefix too long', set(['collector', 'subnets'], ['fd00::/129']), 'collector.subnets[0]', /subnet like/],
  ['misspelled key', set(['itglue', 'apikey'], 'env:X'), 'itglue.apikey', /not a setting; did you mean "apiKey"\?/],
  ['misspelled section', set(['contatcs'], {}), 'contatcs', /did you mean "contacts"\?/],
  ['key in the wrong section', set(['contacts', 'phoneType'], 'Work'), 'contacts.phoneType', /belongs in "psa"/],
  [
    'key of another directory type',
    withValue(smallestConfig(), ['directories', 0, 'bindDn'], 'x'),
    'directories[0].bindDn',
    /not a setting/,
  ],
  ['unknown key far from all', set(['zzzzzzzzzzzz'], 1), 'zzzzzzzzzzzz', /not a setting$/],
  ['unknown key deep inside', directory(['tls', 'vrify'], true), 'directories[0].tls.vrify', /did you mean "verify"\?/],
  ['no directory type', directory(['type'], undefined), 'directories[0].type', /missing; expected one of "active-directory", "ldif"/],
  ['unknown directory type', directory(['type'], 'active-direktory'), 'directories[0].type', /did you mean "active-directory"\?/],
  ['directory type of later', directory(['type'], 'entra'), 'directories[0].type', /later version/],
  ['no directory name', directory(['name'], ''), 'directories[0].name', /a name for this directory/],
  [
    'neither domain nor servers',
    withValue(directory(['servers'], []), ['directories', 0, 'domain'], ''),
    'directories[0]',
    /"servers".*"domain"/,
  ],
  [
    'an address as the domain to find servers by',
    withValue(directory(['servers'], []), ['directories', 0, 'domain'], '10.0.0.1'),
    'directories[0].domain',
    /DNS name of the domain/,
  ],
  ['server without scheme', directory(['servers'], ['dc1.corp.example.test']), 'directories[0].servers[0]', /ldaps:\/\/ or ldap:\/\//],
  ['server by https', directory(['servers'], ['https://dc1.corp.example.test']), 'directories[0].servers[0]', /ldaps:\/\//],
  ['server with a path', directory(['servers'], ['ldaps://dc1.corp.example.test/DC=corp']), 'directories[0].servers[0]', /without a path/],
  [
    'unencrypted server',
    directory(['servers'], ['ldap://dc1.corp.example.test']),
    'directories[0].servers[0]',
    /ldaps:\/\/ \(or tls.mode "starttls"/,
  ],
  [
    'ldaps with StartTLS',
    directory(['tls'], { mode: 'starttls' }),
    'directories[0].servers[0]',
    /ldap:\/\/ because tls.mode is "starttls"/,
  ],
  ['bindDn alone', directory(['password'], undefined), 'directories[0].password', /give both, or neither/],
  ['password alone', directory(['bindDn'], undefined), 'directories[0].bindDn', /give both, or neither/],
  ['a certificate without its key', certificate({ keyFile: '' }), 'directories[0].tls.keyFile', /"tls\.keyFile" go together/],
  ['a key without its certificate', certificate({ certFile: '' }), 'directories[0].tls.certFile', /"tls\.keyFile" go together/],
  [
    'a certificate and a password',
    directory(['tls'], { certFile: 'svc.pem', keyFile: 'svc.key' }),
    'directories[0]',
    /give one of the two/,
  ],
  [
    'a certificate without TLS',
    withValue(certificate({}), ['directories', 0, 'servers'], ['ldap://127.0.0.1:3890']),
    'directories[0].tls.certFile',
    /over TLS only/,
  ],
  ['verify off for a real server', directory(['tls'], { verify: false }), 'directories[0].tls.verify', /loopback servers only.*caFile/],
  [
    'verify off and servers by DNS',
    withValue(directory(['tls'], { verify: false }), ['directories', 0, 'servers'], []),
    'directories[0].tls.verify',
    /loopback/,
  ],
  ['unknown TLS mode', directory(['tls'], { mode: 'ssl' }), 'directories[0].tls.mode', /one of "ldaps", "starttls"; found "ssl"/],
  ['short pin', directory(['tls'], { pinSha256: 'abcd' }), 'directories[0].tls.pinSha256', /64 hexadecimal digits/],
  ['server name that is none', directory(['tls'], { serverName: 'dc 1' }), 'directories[0].tls.serverName', /host name/],
  ['page size of nothing', directory(['pageSize'], 0), 'directories[0].pageSize', /at least 10; found the number 0/],
  ['page size above what AD allows', directory(['pageSize'], 5000), 'directories[0].pageSize', /at most 1000/],
  ['page size with a fraction', directory(['pageSize'], 10.5), 'directories[0].pageSize', /whole number/],
  ['page size as text', directory(['pageSize'], '200'), 'directories[0].pageSize', /number; found "200"/],
  ['search base that is no DN', directory(['searchBases'], ['Staff']), 'directories[0].searchBases[0]', /distinguished name/],
  ['OU that is no DN', directory(['excludeOus'], ['OU=A,DC=x', 'Leavers']), 'directories[0].excludeOus[1]', /distinguished name/],
  ['group that is no DN', directory(['includeGroups'], ['Staff']), 'directories[0].includeGroups[0]', /distinguished name/],
  ['filter without parentheses', directory(['filter'], 'department=Sales'), 'directories[0].filter', /in parentheses/],
  ['filter with an open end', directory(['filter'], '(&(a=b)(c=d)'), 'directories[0].filter', /in parentheses/],
  ['filter of two', directory(['filter'], '(a=b)(c=d)'), 'directories[0].filter', /in parentheses/],
  ['search bases as text', directory(['searchBases'], 'OU=Staff,DC=x'), 'directories[0].searchBases', /a list/],
  [
    'two directories of one name',
    set(['directories', 1], { name: 'CORP', type: 'ldif', file: 'a.ldif' }),
    'directories[1].name',
    /directories\[0\] does not have/,
  ],
  ['LDIF without a file', withValue(smallestConfig(), ['directories', 0, 'file'], undefined), 'directories[0].file', /missing/],
  ['LDIF with an empty file', withValue(smallestConfig(), ['directories', 0, 'file'], ''), 'directories[0].file', /path of an LDIF file/],
  ['directory of a nameless organization', directory(['organization'], ''), 'directories[0].organization', /organization id/],
  ['cron of words', set(['schedule'], { scan: 'every day' }), 'schedule.scan', /cron expression/],
  ['cron with a minute too many', set(['schedule'], { fullScan: '60 2 * * 0' }), 'schedule.fullScan', /cron expression/],
  ['time zone that is none', set(['schedule'], { timezone: 'Europe/Atlantis' }), 'schedule.timezone', /time zone/],
  ['time zone as an offset', set(['schedule'], { timezone: '+02:00' }), 'schedule.timezone', /time zone/],
  ['negative jitter', set(['schedule'], { jitterSeconds: -1 }), 'schedule.jitterSeconds', /at least 0/],
  ['unknown region', set(['itglue', 'region'], 'uk'), 'itglue.region', /one of "us", "eu", "au"/],
  ['no API key', set(['itglue', 'apiKey'], undefined), 'itglue.apiKey', /missing/],
  ['empty API key', set(['itglue', 'apiKey'], ''), 'itglue.apiKey', /reference to the API key/],
  ['unencrypted IT Glue', set(['itglue', 'baseUrl'], 'http://api.example.test'), 'itglue.baseUrl', /loopback addresses only/],
  ['IT Glue by ftp', set(['itglue', 'baseUrl'], 'ftp://api.example.test'), 'itglue.baseUrl', /https:\/\/ or http:\/\//],
  ['address with a query', set(['itglue', 'baseUrl'], 'https://api.example.test/?key=1'), 'itglue.baseUrl', /without "\?"/],
  ['address with a user', set(['itglue', 'baseUrl'], 'https://me@api.example.test'), 'itglue.baseUrl', /without a user name/],
  ['create as boolean', set(['contacts'], { create: true }), 'contacts.create', /one of "off", "auto"; found true/],
  ['unknown match mode', set(['contacts'], { matchByName: 'never' }), 'contacts.matchByName', /one of "auto", "suggest"/],
  ['unknown field', set(['contacts'], { fields: { mail: 'merge' } }), 'contacts.fields.mail', /did you mean "email"\?/],
  [
    'unknown policy',
    set(['contacts'], { fields: { email: 'replace' } }),
    'contacts.fields.email',
    /one of "merge", "overwrite", "never", "clear"/,
  ],
  ['country that is none', set(['contacts'], { phoneCountry: 'XX' }), 'contacts.phoneCountry', /country by its two letters/],
  ['country in words', set(['contacts'], { phoneCountry: 'Germany' }), 'contacts.phoneCountry', /country/],
  ['unknown overlay', set(['contacts'], { overlay: 'asset' }), 'contacts.overlay', /one of "flexible-asset", "notes", "none"/],
  ['negative overlay days', set(['contacts'], { overlayLogonDays: -7 }), 'contacts.overlayLogonDays', /at least 0/],
  ['location map with a number', set(['contacts'], { locationMap: { Basement: 7 } }), 'contacts.locationMap.Basement', /text in quotes/],
  ['unknown requirement', set(['contacts'], { createWhen: { require: ['mail'] } }), 'contacts.createWhen.require[0]', /one of "firstName"/],
  ['unknown status', set(['contacts'], { createWhen: { statuses: ['Active'] } }), 'contacts.createWhen.statuses[0]', /"Enabled"/],
  [
    'contact type rule of two conditions',
    set(['contacts'], { contactTypeRules: [{ when: { group: 'CN=A,DC=x', ou: 'OU=B,DC=x' } }] }),
    'contacts.contactTypeRules[0].when',
    /one of \{ "group"/,
  ],
  [
    'leaver rule with an unknown key',
    set(['contacts'], { onDisabled: { afterDay: 3 } }),
    'contacts.onDisabled.afterDay',
    /did you mean "afterDays"\?/,
  ],
  ['PSA without a type', set(['psa', 'type'], undefined), 'psa.type', /missing; expected one of "bms"/],
  ['unknown PSA', set(['psa', 'type'], 'halo'), 'psa.type', /one of "bms"/],
  ['BMS without a tenant', set(['psa', 'credentials', 'tenant'], undefined), 'psa.credentials.tenant', /needed for psa.type "bms"/],
  ['BMS without credentials', set(['psa', 'credentials'], undefined), 'psa.credentials.userName', /needed for psa.type "bms"/],
  [
    'BMS with the key of another PSA',
    set(['psa', 'credentials', 'clientId'], 'x'),
    'psa.credentials.clientId',
    /not used with psa.type "bms"/,
  ],
  ['unknown push mode', set(['psa', 'push'], 'auto'), 'psa.push', /one of "direct", "it-glue", "off"/],
  ['two-way as text', set(['psa', 'twoWay'], 'yes'), 'psa.twoWay', /true or false; found "yes"/],
  ['a location without its id in the PSA', set(['psa', 'locations'], { Depot: '' }), 'psa.locations.Depot', /the id of the PSA's location/],
  ['a share above the whole', set(['psa', 'budgetShare'], '101%'), 'psa.budgetShare', /%/],
  ['settling for too long', set(['psa', 'settleMinutes'], 100_000), 'psa.settleMinutes', /at most 1440/],
  ['unencrypted PSA', set(['psa', 'baseUrl'], 'http://bms.example.test'), 'psa.baseUrl', /loopback addresses only/],
  [
    'P7 more than 200 organization types',
    set(
      ['psa', 'organizationTypes'],
      Array.from({ length: 201 }, (_, index) => `Type ${index}`),
    ),
    'psa.organizationTypes',
    /at most 200 entries/,
  ],
  [
    'P7 more than 200 organization statuses',
    set(
      ['psa', 'organizationStatuses'],
      Array.from({ length: 201 }, (_, index) => `Status ${index}`),
    ),
    'psa.organizationStatuses',
    /at most 200 entries/,
  ],
  [
    "P7 more than 200 organization types of a customer's own",
    set(['organizations', '4711', 'psa'], { organizationTypes: Array.from({ length: 201 }, (_, index) => `Type ${index}`) }),
    'organizations["4711"].psa.organizationTypes',
    /at most 200 entries/,
  ],
  ['share without a percent sign', set(['limits'], { create: { share: '10' } }), 'limits.create.share', /share from "0%" to "100%"/],
  ['share as a number', set(['limits'], { create: { share: 0.1 } }), 'limits.create.share', /text in quotes/],
  ['share above all', set(['limits'], { update: { share: '101%' } }), 'limits.update.share', /share from/],
  ['negative floor', set(['limits'], { push: { floor: -1 } }), 'limits.push.floor', /at least 0/],
  ['unknown guard', set(['limits'], { delete: { floor: 1 } }), 'limits.delete', /not a setting/],
  [
    'a standing approval of what undo cannot put back',
    set(['limits'], { standingApproval: { kinds: ['blank'], most: 5 } }),
    'limits.standingApproval.kinds[0]',
    /one of "create", "update"/,
  ],
  [
    'a standing approval without a bound',
    set(['limits'], { standingApproval: { kinds: ['create'] } }),
    'limits.standingApproval.most',
    /./,
  ],
  ['unknown first run', set(['limits'], { firstRun: 'ask' }), 'limits.firstRun', /one of "hold", "auto"/],
  ['override of a nameless organization', set(['organizations'], { Acme: {} }), 'organizations.Acme', /digits/],
  ['override of what cannot be', set(['organizations'], { 4711: { itglue: {} } }), 'organizations["4711"].itglue', /not a setting/],
  [
    'override with a wrong value',
    set(['organizations'], { 4711: { contacts: { create: 'on' } } }),
    'organizations["4711"].contacts.create',
    /one of "off", "auto"/,
  ],
  ['override of the PSA type', set(['organizations'], { 4711: { psa: { type: 'bms' } } }), 'organizations["4711"].psa.type', /belongs in/],
  ['listening nowhere', set(['console'], { listen: '7420' }), 'console.listen', /address and a port/],
  ['port too high', set(['hub'], { listen: '0.0.0.0:70000' }), 'hub.listen', /address and a port/],
  [
    'a hub and a collector at once',
    set(['hub'], { listen: '127.0.0.1:7443', url: 'https://hub.example.test' }),
    'hub.url',
    /one of the two/,
  ],
  ['an empty API key', set(['itglue', 'apiKey'], ''), 'itglue.apiKey', /a reference to the API key/],
  ['no API key', set(['itglue', 'apiKey'], undefined), 'itglue.apiKey', /missing; expected a text/],
  [
    'a collector that reads for another organization',
    withValue(set(['hub'], { url: 'https://hub.example.test' }), ['directories', 0, 'organization'], '4799'),
    'directories[0].organization',
    /one organization/,
  ],
  ['hub for others without TLS', set(['hub'], { listen: '0.0.0.0:7443' }), 'hub.certFile', /loopback/],
  ['hub with a certificate alone', set(['hub'], { listen: '127.0.0.1:7443', certFile: 'hub.pem' }), 'hub.keyFile', /go together/],
  ['hub with a key alone', set(['hub'], { keyFile: 'hub.key' }), 'hub.certFile', /go together/],
  ['unencrypted hub', set(['hub'], { url: 'http://hub.example.test' }), 'hub.url', /loopback/],
  ['retention without a unit', set(['retention'], { journal: '180' }), 'retention.journal', /duration like "180d"/],
  ['retention that leaves no time to undo', set(['retention'], { journal: '6d' }), 'retention.journal', /at least 7 days/],
  ['retention as a number', set(['retention'], { journal: 180 }), 'retention.journal', /text in quotes/],
  ['unknown log level', set(['log'], { level: 'verbose' }), 'log.level', /one of "error", "warn", "info", "debug"/],
  ['proxy user alone', set(['proxy'], { url: 'http://proxy.example.test:3128', userName: 'me' }), 'proxy.password', /go together/],
  ['proxy settings without a proxy', set(['proxy'], { bypass: ['nas.example.test'] }), 'proxy.url', /is needed/],
  ['a PAC file as proxy', set(['proxy'], { url: 'http://wpad.example.test/wpad.dat' }), 'proxy.url', /without a path/],
  ['a colon in the user of the proxy', set(['proxy'], { userName: 'a:b', password: 'env:P' }), 'proxy.userName', /without a colon/],
  [
    'bypass by CIDR',
    set(['proxy'], { url: 'http://proxy.example.test:3128', bypass: ['10.0.0.0/8'] }),
    'proxy.bypass[0]',
    /host name or address, or a suffix/,
  ],
  ['store by http', set(['store'], { url: 'https://db.example.test' }), 'store.url', /postgres/],
  [
    'store without a check of its certificate',
    set(['store'], { url: 'postgres://me@db.example.test/hub?sslmode=require' }),
    'store.url',
    /verify-full/,
  ],
  [
    'store in a file and in a database',
    set(['store'], { path: 'a.db', url: 'postgres://me@db.example.test/hub' }),
    'store',
    /one of the two/,
  ],
  ['password of a store that is no database', set(['store'], { password: 'env:P' }), 'store.password', /"url", which is missing/],
  ['null where an object belongs', set(['psa'], null), 'psa', /an object .*found null/],
];

/** A secret in the open: the file and the path that is named. */
const canary = 'Canary-Pa55-phrase';
const plain: readonly (readonly [string, Json, string])[] = [
  ['password of a directory', directory(['password'], canary), 'directories[0].password'],
  ['API key', set(['itglue', 'apiKey'], `ITG.${canary}`), 'itglue.apiKey'],
  ['password of the PSA', set(['psa', 'credentials', 'password'], canary), 'psa.credentials.password'],
  ['secret of Autotask', withValue(set(['psa', 'type'], 'autotask'), ['psa', 'credentials', 'secret'], canary), 'psa.credentials.secret'],
  ['password of the store', set(['store'], { password: canary }), 'store.password'],
  ['password of the proxy', set(['proxy'], { url: 'http://proxy.example.test:3128', userName: 'me', password: canary }), 'proxy.password'],
  ['password in the address of IT Glue', set(['itglue', 'baseUrl'], `https://me:${canary}@api.example.test`), 'itglue.baseUrl'],
  ['password in the address of a server', directory(['servers'], [`ldaps://svc:${canary}@dc1.example.test`]), 'directories[0].servers[0]'],
  ['password in the address of the store', set(['store'], { url: `postgres://me:${canary}@db.example.test/rollcall` }), 'store.url'],
  ['password in the address of the proxy', set(['proxy'], { url: `http://me:${canary}@proxy.example.test` }), 'proxy.url'],
  ['password in the webhook', set(['notify'], { webhook: `https://me:${canary}@hooks.example.test/x` }), 'notify.webhook'],
];

/** What is no JSON, and where that is seen. */
const notJson: readonly (readonly [string, string | Buffer, number, number, RegExp])[] = [
  ['an empty file', '', 1, 1, /ends before the value/],
  ['a comma too many', '{\n  "a": 1,\n}', 3, 1, /a comma before "}"/],
  ['a comma too few', '{\n  "a": 1\n  "b": 2 }', 3, 3, /expected "," or "}"/],
  ['a missing colon', '{ "a" 1 }', 1, 7, /":"/],
  ['single quotes', "{ 'a': 1 }", 1, 3, /key in double quotes/],
  ['a comment', '{\n  // the collector\n  "a": 1 }', 2, 3, /comments/],
  ['an open text', '{ "a": "b\n}', 1, 10, /does not end/],
  ['a path of Windows', '{ "file": "C:\\Users\\a.ldif" }', 1, 14, /backslash/],
  ['a bare word', '{ "a": yes }', 1, 8, /expected a value/],
  ['a number with a leading zero', '{ "a": 0123 }', 1, 8, /expected a value/],
  ['half a file', '{ "a": { "b": 1', 1, 16, /too early/],
  ['two values', '{} {}', 1, 4, /end of the file/],
  ['a key that is there twice', '{\n "a": 1,\n "a": 2 }', 3, 2, /"a" is there twice/],
  ['a list', '[]', 1, 1, /an object/],
  ['text', '"a"', 1, 1, /an object/],
  ['UTF-16', Buffer.from('\uFEFF{ "a": 1 }', 'utf16le'), 1, 1, /UTF-8/],
  ['nothing but brackets', '['.repeat(100_000), 1, 66, /too deep/],
];

describe('configuration file', () => {
  it.each(wrong)('refuses %s', async (_what, config, path, words) => {
    const error = await problemsOf(config);

    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.problems.map((found) => found.path)).toContain(path);
    expect(error.problems.find((found) => found.path === path)?.message).toMatch(words);
    expect(error.message).toContain(join(folder.path, 'config.json'));
  });

  it.each(plain)('refuses a plain value as %s and does not repeat it', async (_what, config, path) => {
    const error = await problemsOf(config);

    expect(error.code).toBe('CONFIG_PLAIN_SECRET');
    expect(error.problems.find((found) => found.path === path)?.code).toBe('CONFIG_PLAIN_SECRET');
    expect(JSON.stringify([error.message, error.problems, error.place])).not.toContain('Canary');
  });

  it.each<readonly [readonly (string | number)[], string]>([
    [['directories', 0, 'password'], 'corp'],
    [['itglue', 'apiKey'], 'itglue'],
    [['psa', 'credentials', 'password'], 'psa'],
    [['proxy', 'password'], 'proxy-password'],
  ])('names the command that stores a secret which stands at %j', async (path, name) => {
    const error = await problemsOf(set(path, canary));

    expect(error.message).toContain(`"rollcall secret set ${name}" and write "vault:${name}"`);
    expect(error.message).not.toContain(canary);
  });

  it.each(['env:', 'env:MY-NAME', 'file:', 'vault:', 'vault:a b', `vault:${'x'.repeat(65)}`])(
    'refuses the reference %j',
    async (reference) => {
      const error = await problemsOf(set(['itglue', 'apiKey'], reference));

      expect(error.code).toBe('CONFIG_INVALID');
      expect(error.message).toMatch(/itglue.apiKey: expected a reference to a secret: after/);
    },
  );

  it.each(notJson)('refuses %s with line and column', async (...[, content, line, column, words]) => {
    const error = await refusal(folder.write('config.json', content));

    expect(error.code).toBe('CONFIG_NOT_JSON');
    expect(error.place).toMatchObject({ line, column });
    expect(error.message).toMatch(words);
    expect(error.message).toContain(`line ${line}, column ${column}`);
  });

  it('does not repeat a secret of a file that is no JSON', async () => {
    const error = await refusal(folder.write('config.json', `{ "password": "${canary}" "x" }`));

    expect(`${error.message} ${JSON.stringify(error.place)}`).not.toContain('Canary');
  });

  it('lists all problems of all sections at once', async () => {
    const config = withValue(set(['contacts'], { create: 'on', phoneCountry: 'XX' }), ['directories', 0, 'password'], undefined);

    const error = await problemsOf(withValue(config, ['extra'], 1));

    expect(error.problems.map((found) => found.path).sort()).toEqual([
      'contacts.create',
      'contacts.phoneCountry',
      'directories[0].password',
      'extra',
    ]);
    expect(error.message).toContain('4 problems');
  });

  it('tells expected and found apart for programs', async () => {
    const error = await problemsOf(set(['log'], { level: 'verbose' }));

    expect(error.problems).toEqual([
      expect.objectContaining({ path: 'log.level', expected: 'one of "error", "warn", "info", "debug"', found: '"verbose"' }),
    ]);
  });

  it('says that there is no file', async () => {
    const error = await refusal(join(folder.path, 'nowhere', 'config.json'));

    expect(error.code).toBe('CONFIG_NOT_FOUND');
    expect(error.place).toEqual({ file: join(folder.path, 'nowhere', 'config.json') });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('says that a folder is no file', async () => {
    expect((await refusal(folder.path)).code).toBe('CONFIG_UNREADABLE');
  });

  it('refuses a file of absurd size without reading it', async () => {
    expect((await refusal(folder.write('config.json', ' '.repeat(5 * 1024 * 1024)))).code).toBe('CONFIG_UNREADABLE');
  });

  it.each(['config.json', 'acme.conf', 'plain', '.hidden', 'two.parts.json'])(
    'reads %s and leaves it and its folder as they are',
    async (name) => {
      const text = `\uFEFF${JSON.stringify(smallestConfig(), null, 3)}\r\n`;
      const file = folder.write(name, text);
      const before = statSync(file).mtimeMs;

      const loaded = await loadConfig(file);

      expect(loaded.config.collector.name).toBe('acme-hq');
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(statSync(file).mtimeMs).toBe(before);
      expect(readdirSync(folder.path)).toEqual([name]);
    },
  );

  it('takes relative paths from the folder of the file', async () => {
    const config = withValue(
      withValue(fullConfig(), ['directories', 0, 'tls'], { caFile: 'ca.pem' }),
      ['itglue', 'apiKey'],
      'file:key.txt',
    );
    config['directories'] = [...(config['directories'] as unknown[]), { name: 'trial', type: 'ldif', file: 'users.ldif' }];

    const { config: loaded } = await loadConfig(folder.write('config.json', config));

    expect(loaded.directories[0]).toMatchObject({ tls: { caFile: join(folder.path, 'ca.pem') } });
    expect(loaded.directories[1]).toMatchObject({ file: join(folder.path, 'users.ldif') });
    expect(loaded.itglue.apiKey).toBe(`file:${join(folder.path, 'key.txt')}`);
  });

  it.each<[string, Json]>([
    ['a certificate to sign in with', certificate({})],
    ['C8 no credentials', withValue(directory(['bindDn'], ''), ['directories', 0, 'password'], '')],
    ['servers found by DNS', directory(['servers'], [])],
    [
      'servers found by DNS, with name servers',
      withValue(directory(['servers'], []), ['directories', 0, 'dnsServers'], ['10.0.0.53', '[fd00::53]:5353']),
    ],
    ['plain LDAP on loopback', directory(['servers'], ['ldap://127.0.0.1:3890'])],
    ['StartTLS', withValue(directory(['tls'], { mode: 'starttls' }), ['directories', 0, 'servers'], ['ldap://dc1.corp.example.test:389'])],
    [
      'verify off on loopback',
      withValue(directory(['tls'], { verify: false }), ['directories', 0, 'servers'], ['ldaps://[::1]:6360', 'ldaps://localhost']),
    ],
    ['http on loopback', set(['itglue', 'baseUrl'], 'http://127.0.0.1:8080/itglue')],
    ['a proxy by http', set(['proxy'], { url: 'http://proxy.example.test:3128' })],
    [
      'hosts that are reached without the proxy',
      set(['proxy'], {
        url: 'http://[fd00::1]:3128',
        bypass: ['nas', '10.0.0.5', '.example.test', '*.example.test', 'fd00::7', '[fd00::8]'],
      }),
    ],
    ['the CA of a gateway without a proxy', set(['proxy'], { caFile: 'gateway.pem' })],
    ['a filter with escaped parentheses', directory(['filter'], String.raw`(&(department=Sales)(!(cn=\28old\29*)))`)],
    ['a pin with colons', directory(['tls'], { pinSha256: Array.from({ length: 32 }, () => 'aB').join(':') })],
    ['a webhook by reference', set(['notify'], { webhook: 'env:WEBHOOK' })],
    ['the address of its schema', set(['$schema'], './rollcall.schema.json')],
    ['PSA none', withValue(smallestConfig(), ['psa'], { type: 'none' })],
    ['an IT Glue id beyond 2^53', set(['collector', 'organization'], '9223372036854775807')],
  ])('accepts %s', async (_what, config) => {
    await expect(loadConfig(folder.write('config.json', config))).resolves.toBeDefined();
  });

  it('has the defaults that the interface shows', async () => {
    const { config } = await loadConfig(folder.write('config.json', smallestConfig()));

    expect(config).toMatchObject({
      schedule: { scan: '0 */4 * * *', fullScan: '30 2 * * 0', jitterSeconds: 300 },
      itglue: { region: 'us' },
      contacts: {
        create: 'off',
        matchByName: 'auto',
        phoneCountry: 'US',
        locationFallback: 'none',
        overlay: 'flexible-asset',
        overlayLogonDays: 7,
      },
      psa: {
        type: 'none',
        push: 'direct',
        twoWay: true,
        settleMinutes: 15,
        emailType: '',
        phoneType: '',
        contactType: '',
        setPhonePrimary: true,
        blankPhone: '000-000-0000',
        blankPhoneInItGlue: false,
        locations: {},
        externalKeyField: '',
        budgetShare: '50%',
      },
      limits: { firstRun: 'hold' },
      console: { listen: '127.0.0.1:7420' },
      retention: { journal: '180d' },
      log: { level: 'info' },
    });
  });
});
