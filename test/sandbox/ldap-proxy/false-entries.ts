import { isInScope } from '../ldap/entry.ts';
import { resultMessage } from '../ldap/message.ts';
import { type Answer, type AnswerEntry, answerBytes, isEntry, readEntry, withEntry } from './answer.ts';
import { changed } from './false-answers.ts';
import type { FaultKind } from './fault-kind.ts';

type Attribute = AnswerEntry['attributes'][number];

/** Changes entries; by default the first of each answer only. */
function entriesChanged(change: (entry: AnswerEntry) => AnswerEntry, which: 'first' | 'all' = 'first'): FaultKind {
  return changed((answers) => {
    const entries = answers.filter(isEntry);
    return answers.map((answer) => {
      const isMeant = isEntry(answer) && (which === 'all' || answer === entries[0]);
      return isMeant ? withEntry(answer, change(readEntry(answer))) : answer;
    });
  });
}

function isNamed(attribute: Attribute, name: string): boolean {
  return attribute.name.toLowerCase() === name.toLowerCase();
}

/** Puts a value in the place of an attribute's, or beside those of the entry. */
export function valued(name: string, values: readonly (string | Uint8Array)[], which: 'first' | 'all' = 'first'): FaultKind {
  const attribute = { name, values: values.map((value) => Buffer.from(value)) };
  return entriesChanged(
    (entry) => ({ ...entry, attributes: [...entry.attributes.filter((each) => !isNamed(each, name)), attribute] }),
    which,
  );
}

/** Says an attribute a second time, with another value. */
function repeated(name: string, value: string | Uint8Array): FaultKind {
  return entriesChanged((entry) => ({ ...entry, attributes: [...entry.attributes, { name, values: [Buffer.from(value)] }] }), 'all');
}

const otherGuid = Buffer.from('0123456789abcdef', 'latin1');

export const oversizedValue: FaultKind = valued('title', ['x'.repeat(65 * 1024)]);
export const noUtf8: FaultKind = valued('givenName', [Buffer.from([0x41, 0xff, 0xfe])]);
export const noUtf8Dn: FaultKind = entriesChanged((entry) => ({
  ...entry,
  dn: Buffer.concat([Buffer.from([0x43, 0x4e, 0x3d, 0xff]), entry.dn]),
}));
export const longDn: FaultKind = entriesChanged((entry) => ({
  ...entry,
  dn: Buffer.concat([Buffer.from(`CN=${'x'.repeat(300_000)},`), entry.dn]),
}));
export const noDn: FaultKind = entriesChanged((entry) => ({ ...entry, dn: Buffer.alloc(0) }));
export const shortGuid: FaultKind = valued('objectGUID', [Buffer.alloc(15, 7)]);
export const longGuid: FaultKind = valued('objectGUID', [Buffer.alloc(17, 7)]);
export const emptyGuid: FaultKind = valued('objectGUID', [Buffer.alloc(0)]);
/** All entries of an answer under one identity. */
export const sameGuid: FaultKind = valued('objectGUID', [otherGuid], 'all');
/** The identity said twice, the second time as another's. */
export const secondGuid: FaultKind = repeated('objectGUID', otherGuid);
export const secondMail: FaultKind = repeated('mail', 'somebody.else@example.test');
export const secondControl: FaultKind = repeated('userAccountControl', '514');
export const manyAddresses: FaultKind = valued(
  'proxyAddresses',
  Array.from({ length: 150_000 }, (_, index) => `smtp:a${index}@example.test`),
);
export const manyAttributes: FaultKind = entriesChanged((entry) => ({
  ...entry,
  attributes: [...entry.attributes, ...Array.from({ length: 50_000 }, (_, index) => ({ name: `x-${index}`, values: [Buffer.from('y')] }))],
}));

/** The first entries of an answer with this much in an attribute that nobody asked for. */
export function bigEntries(count: number, bytes: number): FaultKind {
  const filler = { name: 'x-filler', values: [Buffer.alloc(bytes, 0x78)] };
  return changed((answers) => {
    const chosen = answers.filter(isEntry).slice(0, count);
    return answers.map((answer) => {
      if (!chosen.includes(answer)) return answer;
      const entry = readEntry(answer);
      return withEntry(answer, { ...entry, attributes: [...entry.attributes, filler] });
    });
  });
}

/** Only these attributes are left of each entry. */
export function onlyAttributes(names: readonly string[]): FaultKind {
  return entriesChanged(
    (entry) => ({ ...entry, attributes: entry.attributes.filter((each) => names.some((name) => isNamed(each, name))) }),
    'all',
  );
}

export function withoutAttributes(names: readonly string[]): FaultKind {
  return entriesChanged(
    (entry) => ({ ...entry, attributes: entry.attributes.filter((each) => !names.some((name) => isNamed(each, name))) }),
    'all',
  );
}

/** Values that reach beyond their attribute. */
export const brokenEntry: FaultKind = changed((answers) =>
  answers.map((answer) => {
    if (!isEntry(answer)) return answer;
    const contents = Buffer.from(answer.contents);
    contents[contents.length - 3] = 0x7f;
    contents[contents.indexOf(0x31)] = 0x7f;
    return { ...answer, contents };
  }),
);

/**
 * The rights below one unit are gone: its entries are not sent, and neither it nor what is below it exists for a read by name. To be
 * set at every place of a read.
 */
export function rightsRemoved(unit: string): FaultKind {
  function isHidden(answer: Answer): boolean {
    return isEntry(answer) && isInScope(Buffer.from(readEntry(answer).dn).toString('utf8'), unit, 'sub');
  }
  return async ({ ask, send, request }) => {
    const answers = await ask();
    const left = answers.filter((answer) => !isHidden(answer));
    const isByName = request?.operation === 'search' && request.scope === 'base' && request.base !== '';
    const isGone = isByName && (left.length < answers.length || isInScope(request.base, unit, 'sub'));
    if (isGone) send(resultMessage(request.id, 0x65, { code: 32, message: '0000208D: NameErr: DSID-0310028F, problem 2001 (NO_OBJECT)' }));
    else send(Buffer.concat(left.map(answerBytes)));
  };
}
