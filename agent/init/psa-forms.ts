import type { PsaCredentials } from '../psa/registry.ts';
import type { Given } from './given.ts';
import type { StdinName } from './secret-sources.ts';

export const initPsaTypes = ['bms', 'vorex', 'pulseway', 'connectwise', 'autotask', 'none'] as const;
export type InitPsaType = (typeof initPsaTypes)[number];
export type ConnectedPsa = Exclude<InitPsaType, 'none'>;

/** Members of `psa.credentials` that are no secrets. */
export type PsaField = Exclude<keyof PsaCredentials, PsaSecretField>;
export type PsaSecretField = 'password' | 'privateKey' | 'secret';

/** One thing that a PSA asks who signs in, but the secret. */
export interface FieldQuestion {
  readonly field: PsaField;
  readonly option: string;
  readonly given: 'psaUser' | 'psaTenant' | 'psaCompanyLogin' | 'psaPublicKey' | 'psaClientId' | 'psaIntegrationCode';
  readonly message: string;
  /** Where it is found; said when nothing is typed. */
  readonly found: string;
  /** What it is, in the words of a missing option. */
  readonly what: string;
  /** The configuration takes a reference in its place. */
  readonly mayBeReference: boolean;
}

/** What signing in to a PSA takes. */
export interface PsaForm {
  readonly fields: readonly FieldQuestion[];
  readonly secret: {
    readonly field: PsaSecretField;
    readonly option: string;
    readonly given: 'psaPassword' | 'psaPrivateKey' | 'psaSecret';
    readonly stdin: StdinName;
    readonly message: (account: string) => string;
    readonly what: string;
  };
  /** By which of the fields refusals are counted. */
  readonly account: readonly PsaField[];
  /** What to look at when the secret, or what goes with it, is refused: the PSA does not say which it is. Empty: the message says it all. */
  readonly remedy: string;
  /** The same by the field that the PSA does not know. */
  readonly remedies: Readonly<Partial<Record<PsaField, string>>>;
}

const bms: PsaForm = {
  fields: [
    {
      field: 'tenant',
      option: '--psa-tenant',
      given: 'psaTenant',
      message: 'Company name that you sign in with (the tenant)',
      found: 'It stands under My Settings in the PSA.',
      what: 'the company name at sign-in',
      mayBeReference: false,
    },
    {
      field: 'userName',
      option: '--psa-user',
      given: 'psaUser',
      message: 'User name of the API employee',
      found: 'An employee of the kind API Employee: no licence, no second factor.',
      what: 'the API employee',
      mayBeReference: false,
    },
  ],
  secret: {
    field: 'password',
    option: '--psa-password-from',
    given: 'psaPassword',
    stdin: 'psaPassword',
    message: (account) => `Password of ${account}`,
    what: 'the password of the API employee',
  },
  account: ['userName'],
  remedy: '',
  remedies: {},
};

const connectWise: PsaForm = {
  fields: [
    {
      field: 'company',
      option: '--psa-company-login',
      given: 'psaCompanyLogin',
      message: 'Company that you sign in with',
      found: 'What stands in the field Company when you sign in to ConnectWise PSA.',
      what: 'the company at sign-in',
      mayBeReference: false,
    },
    {
      field: 'publicKey',
      option: '--psa-public-key',
      given: 'psaPublicKey',
      message: 'Public key of the API member',
      found: 'Under System, Members, API Members, the member, API Keys.',
      what: "the API member's public key",
      mayBeReference: true,
    },
    {
      field: 'clientId',
      option: '--psa-client-id',
      given: 'psaClientId',
      message: 'Client id',
      found: 'A GUID; made at developer.connectwise.com, ClientID.',
      what: 'the client id of your integration',
      mayBeReference: true,
    },
  ],
  secret: {
    field: 'privateKey',
    option: '--psa-private-key-from',
    given: 'psaPrivateKey',
    stdin: 'psaPrivateKey',
    message: (account) => `Private key that goes with ${account.slice(account.indexOf('+') + 1)}`,
    what: "the API member's private key",
  },
  account: ['company', 'publicKey'],
  remedy:
    'It does not say which is wrong. Compare both keys with System, Members, API Members, API Keys (the private one is shown once: make new ones if it is lost), and the client id with developer.connectwise.com.',
  remedies: {
    company: 'Type it as in the field Company when you sign in, and check the region: each knows its own customers only.',
  },
};

const autotask: PsaForm = {
  fields: [
    {
      field: 'userName',
      option: '--psa-user',
      given: 'psaUser',
      message: 'User name (key) of the API user',
      found: 'On the page of the API user: its Username (Key), the whole of it.',
      what: "the API user's user name",
      mayBeReference: false,
    },
    {
      field: 'integrationCode',
      option: '--psa-integration-code',
      given: 'psaIntegrationCode',
      message: 'Its tracking identifier (integration code)',
      found: 'On the page of the API user: API Tracking Identifier, Custom (Internal Integration).',
      what: "the API user's tracking identifier",
      mayBeReference: true,
    },
  ],
  secret: {
    field: 'secret',
    option: '--psa-secret-from',
    given: 'psaSecret',
    stdin: 'psaSecret',
    message: (account) => `Secret of ${account}`,
    what: "the API user's secret",
  },
  account: ['userName'],
  remedy:
    'It does not say which is wrong. Compare tracking identifier and user name with the page of the API user, which must be active and of the security level "API User (API-only)"; generate a new secret there if it is lost.',
  remedies: { userName: 'Copy it from the page of the API user: Username (Key).' },
};

export const psaForms: Readonly<Record<ConnectedPsa, PsaForm>> = { bms, vorex: bms, pulseway: bms, connectwise: connectWise, autotask };

/** The options that an unattended run lacks to sign in; without a PSA's type those of each. */
export function missingSignIn(given: Given): readonly string[] {
  const { psaType } = given;
  if (psaType === 'none') return [];
  if (psaType !== undefined)
    return optionsOf(psaForms[psaType])
      .filter(({ member }) => given[member] === undefined)
      .map(({ option }) => option);
  const each = [
    ['bms, vorex or pulseway', bms],
    ['connectwise', connectWise],
    ['autotask', autotask],
  ] as const;
  const takes = each.map(([types, form]) => `${types} (with ${inWords(form)})`);
  return [`--psa-type ${takes.join(', ')}, or none`];
}

/** Options that belong to another PSA than the given one, each with why. */
export function strayOptions(given: Given): readonly string[] {
  const { psaType } = given;
  if (psaType === undefined) return [];
  const own = psaType === 'none' ? [] : optionsOf(psaForms[psaType]);
  const others = new Map([bms, connectWise, autotask].flatMap((form) => optionsOf(form).map((each) => [each.option, each] as const)));
  for (const { option } of own) others.delete(option);
  const takes = psaType === 'none' ? 'nothing' : inWords(psaForms[psaType]);
  const stray = [...others.values()].filter(({ member }) => given[member] !== undefined).map(({ option }) => option);
  return [
    ...stray.map((option) => `${option}: not with --psa-type ${psaType}, which takes ${takes}`),
    ...(given.psaKeyField === undefined || psaType === 'connectwise' ? [] : ['--psa-key-field: only with --psa-type connectwise']),
  ];
}

function optionsOf({ fields, secret }: PsaForm): readonly { readonly option: string; readonly member: keyof Given }[] {
  return [...fields, secret].map(({ option, given }) => ({ option, member: given }));
}

function inWords(form: PsaForm): string {
  const options = optionsOf(form).map(({ option }) => option);
  return `${options.slice(0, -1).join(', ')} and ${options.at(-1)}`;
}
