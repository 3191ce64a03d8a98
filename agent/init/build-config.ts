import type { InitAnswers, ProxyAnswers, SecretAnswer } from './answers.ts';

/** The configuration as it is written: what was asked for, and nothing that is at its default anyway. */
export interface BuiltConfig {
  readonly document: Readonly<Record<string, unknown>>;
  /** What goes into the vault, by name. */
  readonly vault: ReadonlyMap<string, SecretAnswer['value']>;
  /** A CA to save beside the file; `null`: none. */
  readonly caFile: { readonly name: string; readonly pem: string } | null;
}

/** Makes the configuration of the answers. Pure. */
export function buildConfig(answers: InitAnswers): BuiltConfig {
  const vault = new Map<string, SecretAnswer['value']>();
  function referTo(name: string, secret: SecretAnswer): string {
    if (secret.reference !== null) return secret.reference;
    vault.set(name, secret.value);
    return `vault:${name}`;
  }
  const { itGlue, psa } = answers;
  const directory = buildDirectory(answers.directory, referTo);
  const pinnedCompany = psa?.company.pinned === true ? { [itGlue.organization.id]: { psa: { company: psa.company.id } } } : null;
  return {
    document: {
      collector: { name: answers.collector, organization: itGlue.organization.id, ...unless('', { location: answers.location }) },
      directories: [directory.section],
      itglue: { region: itGlue.region, ...unless('', { baseUrl: itGlue.baseUrl }), apiKey: referTo('itglue', itGlue.key) },
      ...(answers.create === 'off' ? {} : { contacts: { create: answers.create } }),
      ...(psa === null
        ? {}
        : {
            psa: {
              type: psa.type,
              ...unless('', { baseUrl: psa.baseUrl }),
              credentials: { ...psa.credentials.fields, [psa.credentials.secret.field]: referTo('psa', psa.credentials.secret.answer) },
              ...unless('', { emailType: psa.emailType, phoneType: psa.phoneType, externalKeyField: psa.externalKeyField }),
            },
          }),
      ...(answers.proxy === null ? {} : { proxy: buildProxy(answers.proxy, referTo) }),
      ...(pinnedCompany === null ? {} : { organizations: pinnedCompany }),
    },
    vault,
    caFile: directory.caFile,
  };
}

function buildProxy(
  { url, userName, password, caFile }: ProxyAnswers,
  referTo: (name: string, secret: SecretAnswer) => string,
): Readonly<Record<string, unknown>> {
  const signIn = password === null ? {} : { userName, password: referTo('proxy', password) };
  return { ...unless('', { url }), ...signIn, ...unless('', { caFile }) };
}

function buildDirectory(
  directory: InitAnswers['directory'],
  referTo: (name: string, secret: SecretAnswer) => string,
): { readonly section: Readonly<Record<string, unknown>>; readonly caFile: BuiltConfig['caFile'] } {
  const bases = directory.searchBases.length === 0 ? {} : { searchBases: directory.searchBases };
  if (directory.type === 'ldif') {
    return { section: { name: directory.name, type: 'ldif', file: directory.file, ...bases }, caFile: null };
  }
  const { trust } = directory;
  const caName = `${directory.name}-ca.pem`;
  const tls = {
    system: null,
    pin: trust.kind === 'pin' ? { pinSha256: trust.sha256 } : null,
    ca: { caFile: caName },
    'ca-file': trust.kind === 'ca-file' ? { caFile: trust.path } : null,
  }[trust.kind];
  return {
    section: {
      name: directory.name,
      type: 'active-directory',
      ...unless('', { domain: directory.domain }),
      ...(directory.areFoundByDns ? {} : { servers: directory.servers }),
      bindDn: directory.bindUser,
      password: referTo(`directory-${directory.name}`, directory.password),
      ...bases,
      ...(tls === null ? {} : { tls }),
    },
    caFile: trust.kind === 'ca' ? { name: caName, pem: trust.pem } : null,
  };
}

/** The members that have another value. */
function unless<Members extends Readonly<Record<string, string>>>(value: string, members: Members): Partial<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== value)) as Partial<Members>;
}
