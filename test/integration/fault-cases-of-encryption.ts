import * as broken from '../sandbox/ldap-proxy/broken-connection.ts';
import { type FaultCase, type FaultTls, type Kinds, type Spot, spread } from './fault-cases.ts';

const raw: Kinds = {
  'no answer': [broken.stall, 'refused'],
  'closed before the answer': [broken.drop, 'refused'],
  'reset before the answer': [broken.reset, 'refused'],
  'no LDAP': [broken.garbage, 'refused'],
  'a length of 2 GB': [broken.hugeLength, 'refused'],
  'a notice of disconnection': [broken.notice, 'refused'],
};
const startTls: Kinds = {
  ...raw,
  'reset within a message': [broken.resetWithin, 'refused'],
  'a garbled message': [broken.garbledMessage, 'refused'],
  'a long message that never ends': [broken.longMessage, 'refused'],
  "another request's id": [broken.wrongId, 'refused'],
  'an answer of another kind': [broken.otherKind, 'refused'],
  'the answer twice': [broken.twice, 'refused'],
  'dripping without an end': [broken.drip, 'refused'],
  'StartTLS granted, and nothing more': [broken.refuse({ code: 0 }), 'refused'],
  ...Object.fromEntries(
    [1, 2, 8, 10, 51, 52, 53].map((code) => [`StartTLS refused (${code})`, [broken.refuse({ code }), 'refused'] as const]),
  ),
};
const inside: Kinds = {
  'no answer': [broken.stall, 'refused'],
  'reset within a message': [broken.resetWithin, 'refused'],
  'closed before the answer': [broken.drop, 'refused'],
  'no LDAP': [broken.garbage, 'refused'],
  'byte by byte': [broken.byteByByte, 'truth'],
};
const wrongCertificates = ['expired', 'wrongName', 'selfSigned', 'otherCa'] as const;

/** Faults where the connection is encrypted, or is to be: whatever happens, the password must not go in clear. */
export function encryptionCases(): readonly FaultCase[] {
  return (['ldaps', 'starttls'] as const).flatMap((mode) => {
    const good: FaultTls = { mode, shows: 'good' };
    const wrong = wrongCertificates.map(
      (shows): FaultCase => ({
        world: 'full',
        kind: `a certificate that is wrong (${shows})`,
        place: 'handshake',
        does: null,
        expected: 'refused',
        tls: { mode, shows },
      }),
    );
    return [
      ...encrypted(['connect', 'handshake'], raw, good),
      ...(mode === 'starttls' ? encrypted(['starttls'], startTls, good) : []),
      ...encrypted(['bind', 'whoami', 'users 2'], inside, good),
      ...wrong,
    ];
  });
}

function encrypted(spots: readonly Spot[], kinds: Kinds, tls: FaultTls): FaultCase[] {
  return spread(spots, kinds).map((one) => ({ ...one, tls }));
}
