import { z } from 'zod';
import { logLevels } from '../telemetry/logger.ts';
import { contactDefaults, limitDefaults, psaDefaults } from './defaults.ts';
import { contactsShape, limitsShape, psaCredentials, psaShape, psaTypes } from './sections.ts';
import {
  bypassEntry,
  certificatePin,
  cronExpression,
  distinguishedName,
  duration,
  ldapFilter,
  nameServer,
  optionalDatabaseAddress,
  optionalHostAndPort,
  optionalHostName,
  optionalMailAddress,
  optionalMailAddresses,
  optionalMailServer,
  optionalProxyAddress,
  optionalSecretWebAddress,
  optionalText,
  optionalWebAddress,
  organizationIdText,
  proxyUserName,
  requiredText,
  retentionSpan,
  secretReference,
  serverAddress,
  share,
  subnet,
  timeZone,
} from './value-types.ts';

type Defaulted<Shape extends z.ZodRawShape> = { readonly [Key in keyof Shape]: z.ZodDefault<Shape[Key] & z.ZodType> };

function withDefaults<Shape extends z.ZodRawShape>(
  shape: Shape,
  defaults: { readonly [Key in keyof Shape]: z.output<Shape[Key]> },
): Defaulted<Shape> {
  const entries = Object.entries(shape).map(([key, schema]) => {
    const defaulted = (schema as z.ZodType).default(defaults[key]);
    const described = (schema as z.ZodType).description;
    return [key, described === undefined ? defaulted : defaulted.describe(described)];
  });
  return Object.fromEntries(entries) as Defaulted<Shape>;
}

const collector = z.strictObject({
  name: requiredText('a name for this collector').describe('Name of this collector.'),
  organization: organizationIdText.describe('Id of the IT Glue organization whose network this is, as text.'),
  subnets: z.array(subnet).default([]).describe('The subnets that this collector stands for, as CIDR.'),
  location: optionalText.default('').describe('Name of the IT Glue location it stands in (E6).'),
});

const tls = z
  .strictObject({
    mode: z.enum(['ldaps', 'starttls']).default('ldaps'),
    caFile: optionalText.default('').describe('PEM file of the issuing CA, relative to this file.'),
    serverName: optionalHostName.default('').describe("Name in the server's certificate when it is not the server's address."),
    pinSha256: certificatePin.default('').describe("SHA-256 of the server's certificate in hexadecimal."),
    verify: z.boolean().default(true).describe('`false` is accepted for loopback addresses only.'),
    certFile: optionalText.default('').describe('PEM file of a client certificate to sign in with (SASL EXTERNAL), relative to this file.'),
    keyFile: optionalText.default('').describe('PEM file of its private key, relative to this file.'),
  })
  .prefault({});

const directoryBase = {
  name: requiredText('a name for this directory').describe('Name of the directory, unique in the file.'),
  organization: organizationIdText.optional().describe("The directory's own organization; default: the collector's."),
};

/** Which users of the directory are read (C1, C2). */
const scope = {
  searchBases: z.array(distinguishedName).default([]).describe('Where to read; none: the whole domain.'),
  filter: ldapFilter.default('').describe('Additional LDAP filter.'),
  excludeOus: z.array(distinguishedName).default([]).describe('Organizational units to leave out.'),
  includeGroups: z.array(distinguishedName).default([]).describe('Only members of one of these groups, nested too.'),
  excludeGroups: z.array(distinguishedName).default([]).describe('No members of these groups, nested too.'),
};

const activeDirectory = z.strictObject({
  ...directoryBase,
  type: z.literal('active-directory'),
  domain: optionalHostName.default('').describe('DNS name of the domain; its controllers are found by it when no server is named.'),
  servers: z.array(serverAddress).max(32).default([]).describe('Domain controllers, tried in turn; none: found by DNS.'),
  dnsServers: z.array(nameServer).max(8).default([]).describe("Name servers that know the domain; none: the machine's own."),
  bindDn: optionalText.default('').describe('Account to read with: UPN, DN or DOMAIN\\user. None: C8.'),
  password: secretReference.default('').describe('Reference to the password: env:NAME, file:PATH or vault:NAME.'),
  ...scope,
  tls,
  pageSize: z.int().min(10).max(1000).default(200).describe('Users a page.'),
  delta: z.boolean().default(true).describe('Read only what changed when possible (C9).'),
  lastLogon: z.enum(['all-dcs', 'one-dc']).default('all-dcs').describe('Which domain controllers are asked for the last logon (C4).'),
  lastLogonEvery: duration.default('24h').describe('How often all of them are asked, beside the reads.'),
});

const ldif = z.strictObject({
  ...directoryBase,
  type: z.literal('ldif'),
  file: requiredText('the path of an LDIF file').describe('LDIF export, relative to this file.'),
  ...scope,
});

/** One directory; the checks between settings look at each by itself. */
export const directorySchema = z.discriminatedUnion('type', [activeDirectory, ldif]);

const organizationOverride = z.strictObject({
  contacts: z.strictObject(contactsShape).partial().optional(),
  psa: z.strictObject(psaShape).partial().optional(),
  limits: z.strictObject(limitsShape).partial().optional(),
});

/** The configuration file. Defaults are written out, paths are as in the file. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    collector,
    directories: z
      .array(directorySchema)
      .max(100)
      .describe('What this machine reads; none: only for a hub that listens to collectors (hub.listen).'),
    schedule: z
      .strictObject({
        scan: cronExpression.default('0 */4 * * *'),
        fullScan: cronExpression.default('30 2 * * 0'),
        timezone: timeZone.default('').describe("Default: the machine's."),
        jitterSeconds: z.int().min(0).max(86_400).default(300),
      })
      .prefault({}),
    itglue: z
      .strictObject({
        region: z.enum(['us', 'eu', 'au']).default('us'),
        baseUrl: optionalWebAddress.default('').describe("Replaces the region's address."),
        apiKey: secretReference.default('').describe('Reference to the API key; needed, but for a collector (hub.url).'),
      })
      .prefault({}),
    contacts: z.strictObject(withDefaults(contactsShape, contactDefaults)).prefault({}),
    psa: z
      .strictObject({
        type: z.enum(psaTypes).describe('The PSA.'),
        baseUrl: optionalWebAddress.default('').describe("Replaces the vendor's address."),
        credentials: psaCredentials.prefault({}),
        externalKeyField: optionalText
          .default('')
          .describe(
            'ConnectWise: where rollcall keeps its key: "userDefinedField1" to "userDefinedField10", or the caption of a custom field; empty: nowhere.',
          ),
        budgetShare: share.default('50%').describe("Autotask: rollcall's share of the hourly budget that all integrations have together."),
        ...withDefaults(psaShape, psaDefaults),
      })
      .prefault({ type: 'none' }),
    limits: z.strictObject(withDefaults(limitsShape, limitDefaults)).prefault({}),
    organizations: z
      .record(organizationIdText, organizationOverride)
      .default({})
      .describe('What is different for one customer, by organization id.'),
    store: z
      .strictObject({ path: optionalText.default(''), url: optionalDatabaseAddress.default(''), password: secretReference.default('') })
      .prefault({}),
    hub: z
      .strictObject({
        listen: optionalHostAndPort.default('').describe('Where a hub answers its collectors: "0.0.0.0:7443"; empty: this is no hub.'),
        certFile: optionalText.default('').describe("PEM file of the hub's certificate and those that signed it, relative to this file."),
        keyFile: optionalText.default('').describe('PEM file of its key, without a passphrase.'),
        url: optionalWebAddress.default('').describe('Address of the hub that this machine collects for; set by "rollcall enroll".'),
        caFile: optionalText
          .default('')
          .describe("PEM file of the CA that proves the hub's certificate in place of the key of the invitation, relative to this file."),
      })
      .prefault({}),
    console: z
      .strictObject({
        listen: optionalHostAndPort.default('127.0.0.1:7420').describe('Where health and metrics are answered; empty: nowhere.'),
      })
      .prefault({}),
    notify: z
      .strictObject({
        webhook: optionalSecretWebAddress.default('').describe('Gets a JSON document by POST for each message.'),
        email: optionalMailAddresses.default('').describe('Addresses to write to, separated by commas; needs smtp.'),
        heartbeatUrl: optionalSecretWebAddress.default('').describe('Asked after each successful run; when it is not, a run is missing.'),
        smtp: z
          .strictObject({
            server: optionalMailServer.default('').describe('smtps://HOST:465, or smtp://HOST:587 with STARTTLS.'),
            userName: optionalText.default('').describe('Account at the mail server; empty: no sign-in.'),
            password: secretReference.default('').describe('Reference to its password.'),
            from: optionalMailAddress.default('').describe('Sender; default: userName, when that is an address.'),
            caFile: optionalText.default('').describe("PEM file of the CA of the mail server's certificate, relative to this file."),
          })
          .prefault({}),
      })
      .prefault({}),
    retention: z
      .strictObject({ journal: retentionSpan.default('180d').describe('How long runs can be looked at and undone.') })
      .prefault({}),
    proxy: z
      .strictObject({
        url: optionalProxyAddress.default('').describe('HTTP proxy for IT Glue, the PSA and notifications; LDAP never goes through it.'),
        userName: proxyUserName.default('').describe('For a proxy that asks for a sign-in (Basic).'),
        password: secretReference.default('').describe('Reference to its password.'),
        caFile: optionalText.default('').describe('PEM file of the CA of a proxy or gateway that inspects TLS, relative to this file.'),
        bypass: z.array(bypassEntry).default([]).describe('Hosts that are reached without the proxy: names, addresses, ".example.com".'),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(logLevels).default('info'),
        directory: optionalText.default('').describe('Where "rollcall run" writes rollcall.log; empty: no files.'),
        maxSizeMb: z.int().min(1).max(1024).default(10).describe('Size in MiB at which a log file is set aside.'),
        files: z.int().min(1).max(100).default(10).describe('Log files kept, the current one included.'),
      })
      .prefault({}),
  })
  .describe('Configuration of rollcall');

export type Config = z.output<typeof configSchema>;
export type DirectoryConfig = Config['directories'][number];
export type ActiveDirectoryConfig = Extract<DirectoryConfig, { type: 'active-directory' }>;
