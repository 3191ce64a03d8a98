import type { OrganizationId } from '../../../core/model/ids.ts';
import type { LeaseAnswer } from '../../../core/ports/lease.ts';

/** The lease of an organization where nobody else can write: it is granted, and nothing takes it away. */
export function loneLease(organization: OrganizationId): LeaseAnswer {
  return {
    kind: 'granted',
    lease: {
      organization,
      onLost: () => undefined,
      confirm: () => Promise.resolve(),
      assertFresh: () => undefined,
      release: () => Promise.resolve(),
    },
  };
}
