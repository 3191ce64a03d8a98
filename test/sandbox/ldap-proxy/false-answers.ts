import { type LdapResult, referenceMessage, resultMessage } from '../ldap/message.ts';
import {
  type Answer,
  answerBytes,
  dirSyncOid,
  isEntry,
  isLast,
  pagedResultsOid,
  withDirSync,
  withoutControl,
  withPageCookie,
} from './answer.ts';
import type { FaultKind } from './fault-kind.ts';

/** Passes the real answer on after a change. */
export function changed(change: (answers: readonly Answer[]) => readonly Answer[]): FaultKind {
  return async ({ ask, send }) => send(Buffer.concat(change(await ask()).map(answerBytes)));
}

function lastChanged(change: (answer: Answer) => Answer): FaultKind {
  return changed((answers) => answers.map((answer) => (isLast(answer) ? change(answer) : answer)));
}

/** Every second entry, and success. */
export const halfPage: FaultKind = changed((answers) => {
  const entries = answers.filter(isEntry);
  return answers.filter((answer) => !isEntry(answer) || entries.indexOf(answer) % 2 === 0);
});

/** Success, without entries and without more to come. */
export const nothing: FaultKind = changed((answers) => answers.filter(isLast).map((answer) => withPageCookie(answer, '')));

/** Says after the first page that there is no more. */
export const earlyEnd: FaultKind = lastChanged((answer) => withPageCookie(answer, ''));

export const pagingStripped: FaultKind = lastChanged((answer) => withoutControl(answer, pagedResultsOid));

/** The entries, then this result instead of success. */
export function cutShort(result: LdapResult): FaultKind {
  return async ({ ask, send, request }) => {
    const entries = (await ask()).filter(isEntry);
    send(Buffer.concat([...entries.map(answerBytes), resultMessage(request?.id ?? 1, 0x65, result, '')]));
  };
}

/** A page without entries and with a cookie that leads to those that were asked for. */
export const emptyPage: FaultKind = ({ request, send, again }) => send(resultMessage(request?.id ?? 1, 0x65, { code: 0 }, again()));

/** The page, and a cookie that leads to it again. */
export const samePage: FaultKind = async ({ ask, send, again }) => {
  const cookie = again();
  send(Buffer.concat((await ask()).map((answer) => answerBytes(isLast(answer) ? withPageCookie(answer, cookie) : answer))));
};

export const entriesTwice: FaultKind = changed((answers) => answers.flatMap((answer) => (isEntry(answer) ? [answer, answer] : [answer])));

/** The answer with references among its entries. */
export function references(urls: readonly string[]): FaultKind {
  return async ({ ask, send, request }) => {
    const id = request?.id ?? 1;
    const answers = await ask();
    send(Buffer.concat([...urls.map((url) => referenceMessage(id, [url])), ...answers.map(answerBytes)]));
  };
}

/** One reference with very many addresses. */
export function longReference(count: number): FaultKind {
  return async ({ ask, send, request }) => {
    const urls = Array.from({ length: count }, (_, index) => `ldap://dc${index}.other.example.test/DC=other,DC=example,DC=test`);
    send(Buffer.concat([referenceMessage(request?.id ?? 1, urls), ...(await ask()).map(answerBytes)]));
  };
}

/** More entries than a page may have. */
export const overfullPage: FaultKind = changed((answers) => {
  const [first] = answers.filter(isEntry);
  return first === undefined ? answers : [...Array.from({ length: 1001 }, () => first), ...answers];
});

export const dirSyncStripped: FaultKind = lastChanged((answer) => withoutControl(answer, dirSyncOid));
export const moreForEver: FaultKind = lastChanged((answer) => withDirSync(answer, { more: true }));
export const emptyDirSyncCookie: FaultKind = lastChanged((answer) => withDirSync(answer, { cookie: Buffer.alloc(0) }));
/** Nothing changed, says the server, with a cookie that goes on from here. */
export const noChanges: FaultKind = changed((answers) => answers.filter(isLast));
