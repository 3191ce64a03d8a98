import type { AssessDocument } from '../../../agent/cli/documents-assess.ts';

/** A document in which every text that comes from outside is `value`. */
export function assessDocument(value: string, partial: Partial<AssessDocument> = {}): AssessDocument {
  const columns = [
    { key: 'name', title: 'Contact', kind: 'text' as const },
    { key: 'contactId', title: 'IT Glue id', kind: 'text' as const, beneath: true as const },
    { key: 'changed', title: 'Last change', kind: 'moment' as const },
    { key: 'count', title: 'Count', kind: 'number' as const },
  ];
  const base = { columns, weight: 'do' as const, about: 'contact' as const, why: 'It matters.', advice: 'Do it.' };
  const breakdown = [
    { label: value, count: 2 },
    { label: 'other', count: 1 },
  ];
  const row = (of: string, group?: number) => ({
    of,
    ...(group === undefined ? {} : { group, common: value }),
    name: value,
    contactId: of,
    changed: '2026-01-05T08:00:00.000Z',
    count: 3,
  });
  return {
    formatVersion: 1,
    organization: '4711',
    organizationName: value,
    message: null,
    madeAt: '2026-01-05T08:00:00.000Z',
    staleDays: 90,
    psaName: 'Kaseya BMS',
    sources: [
      {
        directory: value,
        type: 'active-directory',
        collector: value,
        server: value,
        readAt: '2026-01-05T07:00:00.000Z',
        accounts: 5,
        leftOut: { [value]: 2 },
        scope: [value],
      },
    ],
    totals: {
      accounts: 5,
      activeAccounts: 4,
      people: 4,
      peopleWithContact: 3,
      contacts: 6,
      contactsWithAccount: 3,
      locations: 1,
      psaContacts: 2,
      psaInactive: 0,
      contactsInPsa: 1,
      notSeen: 1,
    },
    sections: [
      {
        id: 'contacts',
        title: 'Contacts',
        notes: [value],
        bars: [
          { label: value, shares: breakdown },
          { label: 'beside it', shares: breakdown },
          { label: 'lone', shares: [{ label: 'all', count: 1 }] },
        ],
        findings: [
          { ...base, id: 'some', title: 'Some', noun: ['contact', 'contacts'], count: 3, breakdown, rows: [row('1'), row('2'), row('3')] },
          {
            ...base,
            id: 'grouped',
            title: 'Grouped',
            weight: 'check',
            noun: ['group', 'groups'],
            count: 1,
            breakdown: [],
            columns: [...columns, { key: 'common', title: 'In common', kind: 'text' }],
            rows: [row('4', 1), row('5', 1)],
          },
          { ...base, id: 'none', title: 'None', noun: ['contact', 'contacts'], count: 0, breakdown: [], rows: [] },
        ],
      },
    ],
    inventories: [{ id: 'contacts', title: 'All contacts', columns, rows: [row('1')] }],
    notices: [value],
    error: null,
    files: [],
    ...partial,
  };
}

/** The document with so many rows in its first finding. */
export function longDocument(rows: number): AssessDocument {
  const document = assessDocument('Jane Doe');
  const [section] = document.sections;
  const [first, ...rest] = section?.findings ?? [];
  if (section === undefined || first === undefined) return document;
  const many = Array.from({ length: rows }, (_, index) => ({
    of: String(index),
    name: `Name ${index}`,
    contactId: String(index),
    count: 1,
  }));
  return { ...document, sections: [{ ...section, findings: [{ ...first, rows: many, count: rows }, ...rest] }] };
}
