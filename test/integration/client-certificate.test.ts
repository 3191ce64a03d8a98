import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { failureOf, readAll } from '../contract/directory-source.contract.ts';
import type { TestCertificate } from '../fixtures/tls.ts';
import { partFor } from './real-parts.ts';
import { type Slapd, startSlapd } from './slapd.ts';

const { isMissing, title } = partFor('slapd with client certificates', 'slapd');
const users = 30;

type Transport = 'LDAPS' | 'StartTLS';

function sourceFor(slapd: Slapd, transport: Transport, { certFile, keyFile }: TestCertificate) {
  const isSecure = transport === 'LDAPS';
  const config: ActiveDirectoryConfig = {
    name: 'plain',
    domain: '',
    servers: [isSecure ? slapd.ldapsUrl : slapd.url],
    bindDn: '',
    password: '',
    searchBases: [slapd.baseDn],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: {
      mode: isSecure ? 'ldaps' : 'starttls',
      caFile: slapd.caFile,
      serverName: '',
      pinSha256: '',
      verify: true,
      certFile,
      keyFile,
    },
    parsePhone: (raw) => ({ raw, e164: null, extension: null }),
    schema: 'generic',
  };
  return createActiveDirectorySource(config);
}

describe.skipIf(isMissing)(title, () => {
  let asking: Slapd;
  let demanding: Slapd;

  beforeAll(async () => {
    [asking, demanding] = await Promise.all([startSlapd(users, 'try'), startSlapd(1, 'demand')]);
  }, 60_000);

  afterAll(() => Promise.all([asking.stop(), demanding.stop()]));

  it.each<Transport>(['LDAPS', 'StartTLS'])('reads everything, signed in by SASL EXTERNAL over %s alone', async (transport) => {
    const source = sourceFor(asking, transport, asking.clients.reader);

    const { proof } = await readAll(source);
    const { facts } = await source.check();

    expect(proof).toMatchObject({ complete: true, users });
    expect(facts['signed in as']).toBe(`dn:${asking.bindDn}`);
  });

  it.each<Transport>(['LDAPS', 'StartTLS'])(
    'names over %s the certificate that a server breaks the connection off for',
    async (transport) => {
      for (const slapd of [asking, demanding]) {
        const error = await failureOf(readAll(sourceFor(slapd, transport, slapd.clients.selfSigned)));

        expect(['DIRECTORY_BIND_REJECTED', 'DIRECTORY_UNREACHABLE']).toContain(error.code);
        expect(error.message).toMatch(/refuses the certificate .*self-signed\.pem/u);
      }
    },
  );

  it('P15 gives a stranger of the CA no more than anybody may see', async () => {
    const { facts } = await sourceFor(asking, 'LDAPS', asking.clients.stranger).check();

    expect(facts['signed in as']).toBe('dn:cn=stranger');
  });
});
