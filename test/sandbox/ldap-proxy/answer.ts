import { berTag, element, elementAt, integer, octets, readElement, readElements, readInteger, sequence } from '../ldap/ber.ts';
import { answerTag } from '../ldap/message.ts';

/** One LDAPMessage of a server, taken apart far enough to be changed. */
export interface Answer {
  readonly id: number;
  /** Its application tag. */
  readonly tag: number;
  readonly contents: Buffer;
  readonly controls: readonly AnswerControl[];
}

interface AnswerControl {
  readonly oid: string;
  readonly value: Buffer;
}

export interface AnswerEntry {
  readonly dn: Uint8Array;
  readonly attributes: readonly { readonly name: string; readonly values: readonly Uint8Array[] }[];
}

export const pagedResultsOid = '1.2.840.113556.1.4.319';
export const dirSyncOid = '1.2.840.113556.1.4.841';

const controlsTag = 0xa0;

/** Reads the contents of a message's outer SEQUENCE. */
export function parseAnswer(contents: Buffer): Answer {
  const parts = readElements(contents);
  const operation = elementAt(parts, 1, 'operation');
  const controls = parts.find((part, index) => index > 1 && part.tag === controlsTag);
  return {
    id: readInteger(elementAt(parts, 0, 'message id')),
    tag: operation.tag,
    contents: operation.contents,
    controls: (controls === undefined ? [] : readElements(controls.contents)).map((control) => {
      const fields = readElements(control.contents);
      const value = fields.slice(1).find((field) => field.tag === berTag.octetString);
      return { oid: elementAt(fields, 0, 'control type').contents.toString('latin1'), value: value?.contents ?? Buffer.alloc(0) };
    }),
  };
}

export function answerBytes({ id, tag, contents, controls }: Answer): Buffer {
  const parts = controls.map(({ oid, value }) => sequence(octets(oid), octets(value)));
  return sequence(integer(id), element(tag, contents), ...(parts.length === 0 ? [] : [element(controlsTag, ...parts)]));
}

/** Whether nothing of this answer follows. */
export function isLast({ tag }: Answer): boolean {
  return tag !== answerTag.entry && tag !== answerTag.reference;
}

export function isEntry({ tag }: Answer): boolean {
  return tag === answerTag.entry;
}

export function withoutControl(answer: Answer, oid: string): Answer {
  return { ...answer, controls: answer.controls.filter((control) => control.oid !== oid) };
}

/** The answer with another cookie in its paging control, if it has one. */
export function withPageCookie(answer: Answer, cookie: string): Answer {
  return withControlValue(answer, pagedResultsOid, () => sequence(integer(0), octets(Buffer.from(cookie, 'latin1'))));
}

/** The answer with another flag or cookie in its DirSync control, if it has one (MS-ADTS 3.1.1.3.4.1.3). */
export function withDirSync(answer: Answer, change: { readonly more?: boolean; readonly cookie?: Uint8Array }): Answer {
  return withControlValue(answer, dirSyncOid, (value) => {
    const [more, size, cookie] = readElements(readElement(value)?.element.contents ?? Buffer.alloc(0));
    const flag = change.more === undefined ? readInteger(more ?? { tag: berTag.integer, contents: Buffer.from([0]) }) : Number(change.more);
    return sequence(integer(flag), integer(size === undefined ? 0 : readInteger(size)), octets(change.cookie ?? cookie?.contents ?? ''));
  });
}

function withControlValue(answer: Answer, oid: string, change: (value: Buffer) => Buffer): Answer {
  const controls = answer.controls.map((control) => (control.oid === oid ? { oid, value: change(control.value) } : control));
  return { ...answer, controls };
}

export function readEntry({ contents }: Answer): AnswerEntry {
  const parts = readElements(contents);
  const attributes = readElements(elementAt(parts, 1, 'attributes').contents).map((attribute) => {
    const fields = readElements(attribute.contents);
    return {
      name: elementAt(fields, 0, 'attribute name').contents.toString('latin1'),
      values: readElements(elementAt(fields, 1, 'values').contents).map((value) => value.contents),
    };
  });
  return { dn: elementAt(parts, 0, 'DN').contents, attributes };
}

export function withEntry(answer: Answer, { dn, attributes }: AnswerEntry): Answer {
  const list = attributes.map(({ name, values }) =>
    sequence(octets(name), element(berTag.set, Buffer.concat(values.map((value) => octets(value))))),
  );
  return { ...answer, contents: Buffer.concat([octets(dn), sequence(Buffer.concat(list))]) };
}
