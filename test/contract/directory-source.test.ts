import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import { makeTestCertificates } from '../fixtures/tls.ts';
import { describeDirectorySource } from './directory-source.contract.ts';
import { contractEntries, sampleConfig, startSample } from './directory-source.subjects.ts';

for (const transport of ['plain', 'StartTLS', 'LDAPS'] as const) {
  describeDirectorySource(`Active Directory over ${transport}`, async () => {
    const certificates = makeTestCertificates();
    const server = await startSample(contractEntries(), {
      scheme: transport === 'LDAPS' ? 'ldaps' : 'ldap',
      certificate: certificates.good,
    });
    const tls = {
      mode: transport === 'StartTLS' ? 'starttls' : 'ldaps',
      caFile: certificates.caFile,
      serverName: '',
      pinSha256: '',
      verify: true,
    } as const;
    return {
      hasFilter: true,
      source: ({ filter = '' } = {}) => createActiveDirectorySource(sampleConfig([server.url], { filter, tls, pageSize: 3 })),
      async close() {
        await server.stop();
        certificates.remove();
      },
    };
  });
}
