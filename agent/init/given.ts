import { resolve } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { addressProblem, domainProblem, proxyProblem, webAddressProblem } from './answer-problems.ts';
import { type InitPsaType, initPsaTypes, missingSignIn, strayOptions } from './psa-forms.ts';
import { type SecretSource, sourceOf } from './secret-sources.ts';

/** The options of `rollcall init` as commander reads them. */
export interface InitWords {
  readonly nonInteractive?: boolean;
  readonly force?: boolean;
  readonly plan: boolean;
  readonly keepReferences?: boolean;
  readonly domain?: string;
  readonly server?: readonly string[];
  readonly bindUser?: string;
  readonly bindPasswordFrom?: string;
  readonly caFile?: string;
  readonly trustFingerprint?: string;
  readonly pin?: boolean;
  readonly searchBase?: readonly string[];
  readonly ldif?: string;
  readonly directoryName?: string;
  readonly itglueRegion?: string;
  readonly itglueUrl?: string;
  readonly itglueKeyFrom?: string;
  readonly psaType?: string;
  readonly psaUrl?: string;
  readonly psaUser?: string;
  readonly psaTenant?: string;
  readonly psaPasswordFrom?: string;
  readonly psaCompanyLogin?: string;
  readonly psaPublicKey?: string;
  readonly psaPrivateKeyFrom?: string;
  readonly psaClientId?: string;
  readonly psaSecretFrom?: string;
  readonly psaIntegrationCode?: string;
  readonly psaKeyField?: string;
  readonly psaCompany?: string;
  readonly emailType?: string;
  readonly phoneType?: string;
  readonly create?: string;
  readonly collector?: string;
  readonly location?: string;
  readonly proxyUrl?: string;
  readonly proxyUser?: string;
  readonly proxyPasswordFrom?: string;
  readonly proxyCaFile?: string;
}

export const itGlueRegions = ['us', 'eu', 'au'] as const;
export type Region = (typeof itGlueRegions)[number];

/** What was given in the words, understood; absent: to be asked, or left at its default. */
export interface Given {
  readonly domain?: string;
  /** `ldaps://HOST[:PORT]`. */
  readonly servers?: readonly string[];
  readonly bindUser?: string;
  readonly bindPassword?: SecretSource;
  readonly caFile?: string;
  /** 64 hexadecimal digits in lower case. */
  readonly trustFingerprint?: string;
  readonly pin: boolean;
  readonly searchBases?: readonly string[];
  readonly ldif?: string;
  readonly directoryName?: string;
  readonly region?: Region;
  readonly itGlueUrl?: string;
  readonly itGlueKey?: SecretSource;
  /** Id, or exact name. */
  readonly organization?: string;
  readonly psaType?: InitPsaType;
  readonly psaUrl?: string;
  readonly psaUser?: string;
  readonly psaTenant?: string;
  readonly psaPassword?: SecretSource;
  /** ConnectWise: the company at sign-in. */
  readonly psaCompanyLogin?: string;
  readonly psaPublicKey?: string;
  readonly psaPrivateKey?: SecretSource;
  readonly psaClientId?: string;
  readonly psaSecret?: SecretSource;
  readonly psaIntegrationCode?: string;
  /** As `psa.externalKeyField`, or `none`. */
  readonly psaKeyField?: string;
  /** Id, or exact name. */
  readonly psaCompany?: string;
  readonly emailType?: string;
  readonly phoneType?: string;
  readonly create?: 'off' | 'auto';
  readonly collector?: string;
  readonly location?: string;
  readonly proxyUrl?: string;
  readonly proxyUser?: string;
  readonly proxyPassword?: SecretSource;
  /** Absolute. */
  readonly proxyCaFile?: string;
  readonly keepReferences: boolean;
}

/** Understands the words. Throws `USAGE` with all that is wrong with them. */
export function readGiven(words: InitWords, organization: string | null): Given {
  const problems: string[] = [];
  function told(option: string, value: string | undefined, problem: (text: string) => string | null): void {
    const found = value === undefined ? null : problem(value);
    if (found !== null) problems.push(`${option}: ${found}`);
  }
  function oneOf<Value extends string>(option: string, value: string | undefined, allowed: readonly Value[]): Value | undefined {
    const found = allowed.find((item) => item === value);
    if (value !== undefined && found === undefined) problems.push(`${option}: one of ${allowed.join(', ')}`);
    return found;
  }
  function secret(option: string, value: string | undefined): SecretSource | undefined {
    if (value === undefined) return undefined;
    const source = sourceOf(value);
    if (source === null)
      problems.push(`${option}: env:NAME, file:PATH, vault:NAME or stdin; a secret itself does not belong into a command`);
    else if (source.kind === 'stdin' && words.keepReferences === true) problems.push(`${option}: stdin cannot be kept as a reference`);
    return source ?? undefined;
  }

  const servers = words.server?.map(serverUrl);
  for (const server of servers ?? []) told('--server', server, addressProblem);
  told('--domain', words.domain, domainProblem);
  told('--itglue-url', words.itglueUrl, webAddressProblem);
  told('--psa-url', words.psaUrl, webAddressProblem);
  told('--proxy-url', words.proxyUrl, proxyProblem);
  if ((words.proxyUser === undefined) !== (words.proxyPasswordFrom === undefined)) {
    problems.push('--proxy-user and --proxy-password-from: both or neither');
  }
  told('--directory-name', words.directoryName, (text) => (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) ? null : 'letters, digits, . _ -'));
  const fingerprint = words.trustFingerprint?.replace(/[:\s]/g, '').toLowerCase();
  told('--trust-fingerprint', fingerprint, (text) => (/^[0-9a-f]{64}$/.test(text) ? null : 'a SHA-256: 64 hexadecimal digits'));
  if (words.pin === true && words.trustFingerprint === undefined && words.nonInteractive === true) {
    problems.push('--pin: needs --trust-fingerprint');
  }
  if (words.caFile !== undefined && fingerprint !== undefined) problems.push('--ca-file and --trust-fingerprint: only one of them');
  if (words.ldif !== undefined && (words.server !== undefined || words.domain !== undefined || words.bindUser !== undefined)) {
    problems.push('--ldif: takes the place of --domain, --server and --bind-user');
  }
  const given: Given = defined({
    domain: words.domain?.toLowerCase(),
    servers,
    bindUser: words.bindUser,
    bindPassword: secret('--bind-password-from', words.bindPasswordFrom),
    caFile: words.caFile,
    trustFingerprint: fingerprint,
    pin: words.pin === true,
    searchBases: words.searchBase,
    ldif: words.ldif,
    directoryName: words.directoryName,
    region: oneOf('--itglue-region', words.itglueRegion, itGlueRegions),
    itGlueUrl: words.itglueUrl,
    itGlueKey: secret('--itglue-key-from', words.itglueKeyFrom),
    organization: organization ?? undefined,
    psaType: oneOf('--psa-type', words.psaType, initPsaTypes),
    psaUrl: words.psaUrl,
    psaUser: words.psaUser,
    psaTenant: words.psaTenant,
    psaPassword: secret('--psa-password-from', words.psaPasswordFrom),
    psaCompanyLogin: words.psaCompanyLogin,
    psaPublicKey: words.psaPublicKey,
    psaPrivateKey: secret('--psa-private-key-from', words.psaPrivateKeyFrom),
    psaClientId: words.psaClientId,
    psaSecret: secret('--psa-secret-from', words.psaSecretFrom),
    psaIntegrationCode: words.psaIntegrationCode,
    psaKeyField: words.psaKeyField,
    psaCompany: words.psaCompany,
    emailType: words.emailType,
    phoneType: words.phoneType,
    create: oneOf('--create', words.create, ['off', 'auto']),
    collector: words.collector,
    location: words.location,
    proxyUrl: words.proxyUrl,
    proxyUser: words.proxyUser,
    proxyPassword: secret('--proxy-password-from', words.proxyPasswordFrom),
    proxyCaFile: words.proxyCaFile === undefined ? undefined : resolve(words.proxyCaFile),
    keepReferences: words.keepReferences === true,
  });
  problems.push(...strayOptions(given));
  if (problems.length > 0) throw new RollcallError('USAGE', told1(problems));
  return given;
}

/** The options that an unattended run needs besides these. */
function missingOptions(given: Given): readonly string[] {
  const missing: string[] = [];
  function need(option: string, value: unknown): void {
    if (value === undefined) missing.push(option);
  }
  if (given.ldif === undefined) {
    need('--bind-user', given.bindUser);
    need('--bind-password-from', given.bindPassword);
  }
  need('--itglue-key-from', given.itGlueKey);
  need('--organization', given.organization);
  return [...missing, ...missingSignIn(given)];
}

/** Throws `USAGE` naming everything that is missing at once. */
export function demandAll(given: Given): void {
  const missing = missingOptions(given);
  if (missing.length > 0) {
    throw new RollcallError('USAGE', `--non-interactive needs these answers too: ${missing.join(', ')}.`);
  }
}

/** A host alone is enough; it is spoken to by LDAPS. */
export function serverUrl(text: string): string {
  const trimmed = text.trim().replace(/\/$/, '');
  return /^[a-z]+:\/\//i.test(trimmed) ? trimmed : `ldaps://${trimmed}`;
}

function told1(problems: readonly string[]): string {
  return problems.length === 1 ? `${problems[0]}.` : `Several options are wrong:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
}

/** Without the members that are undefined. */
function defined(value: { readonly [Key in keyof Given]: Given[Key] | undefined }): Given {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as unknown as Given;
}
