import { openAutotaskWorld } from './autotask-world.ts';
import { describePsa } from './psa.contract.ts';

describePsa('The Autotask adapter, as the evidence leans,', () => openAutotaskWorld());

describePsa('The Autotask adapter, where everything unknown is otherwise,', () =>
  openAutotaskWorld({
    switches: {
      failures: 400,
      missingItem: 'null',
      unknownParent: 'refused',
      unknownMembers: 'dropped',
      readOnlyMembers: 'dropped',
      companyIdInBody: 'required',
      defaultLocation: 'primary',
      emailFormat: 'unchecked',
      delete: 'refused',
      notQueryable: ['externalID'],
      dates: 'seconds',
      textCase: 'exact',
      paging: 'by-offset',
      pagingWithoutId: 'first-page-only',
      overLimit: 500,
      refusedRequests: 'free',
      threads: 2,
      overThreads: 429,
      childThreads: 'parent',
    },
  }),
);
