import { openBmsWorld } from './bms-world.ts';
import { describePsa } from './psa.contract.ts';

describePsa('The BMS adapter, as the evidence leans,', () => openBmsWorld());

describePsa('The BMS adapter, where everything unknown is otherwise,', () =>
  openBmsWorld({
    failures: 'as-status',
    refusedSignIn: 'bad-request',
    summary: 'enveloped',
    search: 'exact',
    searchEmails: 'all',
    inactiveUnlessAsked: 'hidden',
    output: 'pascal',
    defaultPageSize: 5,
    maximumPageSize: 40,
    typeTables: { route: 'lookup', email: 'ContactEmailType', phone: 'PhoneTypes' },
    itGlueUnlinked: 'zero',
    phone: 'required',
    momentFilters: -300,
    neverModified: 'null',
    accessTokenMinutes: 1,
    refreshTokenMinutes: 0,
  }),
);
