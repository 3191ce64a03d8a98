import { openConnectWiseWorld } from './connectwise-world.ts';
import { describePsa } from './psa.contract.ts';

describePsa('The ConnectWise adapter, as the evidence leans,', () => openConnectWiseWorld());

describePsa('The ConnectWise adapter without a key, where everything unknown is otherwise,', () =>
  openConnectWiseWorld(
    {
      oldCodebase: 'json',
      refusedSignIn: 'not-found',
      retryAfter: null,
      tooManyRequests: 'html',
      pageSizeOverMaximum: 'clamped',
      maximumPageSize: 40,
      defaultOrder: 'name',
      pageIdWithoutHeader: 'honoured',
      linkHost: 'other',
      quoteEscape: 'doubled',
      childConditions: 'any-item',
      lastUpdated: 'milliseconds',
      childWrites: 'leave-contact',
      textForInteger: 'converted',
      siteWhenAbsent: 'none',
      emailShape: 'unchecked',
      phones: 'digits',
      withoutDefault: 'first-becomes',
      typesOnCreate: 'honoured',
      typesOnPatch: 'ignored',
      addAtDash: 'appended',
      firstItemDefault: 'ignored',
      wholeItems: 'replaced',
      jsonPatchMediaType: 'accepted',
    },
    { key: 'none' },
  ),
);

describePsa('The ConnectWise adapter with a custom field, where text has its case,', () =>
  openConnectWiseWorld({ text: 'case-sensitive', longNames: 'cut' }, { key: 'custom' }),
);
