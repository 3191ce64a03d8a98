import { header, octets } from '../ldap/ber.ts';
import { disconnectionOid, extendedMessage, type LdapResult, resultMessage } from '../ldap/message.ts';
import { answerBytes } from './answer.ts';
import type { FaultKind, Strike } from './fault-kind.ts';

const dripEveryMs = 15;

async function whole(strike: Strike): Promise<Buffer> {
  return Buffer.concat((await strike.ask()).map(answerBytes));
}

/** No answer; the connection stays open. */
export const stall: FaultKind = (strike) => strike.fallSilent();

/** Closed in order instead of an answer. */
export const drop: FaultKind = (strike) => strike.end();

export const reset: FaultKind = (strike) => strike.reset();

/** Half of the answer, which ends in the middle of a message, then nothing more. */
export const stallWithin: FaultKind = async (strike) => {
  strike.send(half(await whole(strike)));
  strike.fallSilent();
};

export const resetWithin: FaultKind = async (strike) => {
  strike.send(half(await whole(strike)));
  strike.reset();
};

/** The answer is whole, and then the connection is gone. */
export const resetAfter: FaultKind = async (strike) => {
  strike.send(await whole(strike));
  strike.reset();
};

/** Bytes that are no LDAP. */
export const garbage: FaultKind = (strike) => strike.send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n', 'latin1'));

/** Bytes that begin like LDAP and are none inside. */
export const garbledMessage: FaultKind = (strike) => strike.send(Buffer.concat([header(0x30, 40), Buffer.alloc(40, 0x64)]));

/** The announcement of a message of 2 GB, and a megabyte of it. */
export const hugeLength: FaultKind = (strike) => {
  strike.send(header(0x30, 0x7fff_ffff));
  strike.send(Buffer.alloc(1024 * 1024, 0x04));
  strike.fallSilent();
};

/** The announcement of a message just below what is allowed, which never comes whole. */
export const longMessage: FaultKind = (strike) => {
  strike.send(header(0x30, 8 * 1024 * 1024));
  strike.send(Buffer.alloc(1024 * 1024, 0x04));
  strike.fallSilent();
};

export const wrongId: FaultKind = async (strike) => {
  for (const answer of await strike.ask()) strike.send(answerBytes({ ...answer, id: answer.id + 1000 }));
};

/** Everything twice, the end too. */
export const twice: FaultKind = async (strike) => {
  const bytes = await whole(strike);
  strike.send(Buffer.concat([bytes, bytes]));
};

/** The answer's kind is another: the end of a search where a bind was asked for, and the other way round. */
export const otherKind: FaultKind = (strike) => {
  const { request } = strike;
  strike.send(resultMessage(request?.id ?? 1, request?.operation === 'search' ? 0x6b : 0x67, { code: 0 }));
};

/** A notice of disconnection (RFC 4511 section 4.4.1), then the end. */
export const notice: FaultKind = (strike) => {
  strike.send(extendedMessage(0, { code: 52, message: 'going down' }, { oid: disconnectionOid }));
  strike.end();
};

/** A byte now and then, without an end. */
export const drip: FaultKind = async (strike) => {
  strike.send(header(0x30, 0x10_0000));
  await strike.sendSlowly(octets(Buffer.alloc(0xf000)), dripEveryMs);
};

/** The right answer in single bytes. */
export const byteByByte: FaultKind = async (strike) => strike.sendSlowly(await whole(strike), 0);

/** This result instead of an answer. */
export function refuse(result: LdapResult): FaultKind {
  return ({ request, send }) => {
    const id = request?.id ?? 1;
    if (request?.operation === 'bind') send(resultMessage(id, 0x61, result));
    else if (request?.operation === 'extended') send(extendedMessage(id, result));
    else send(resultMessage(id, 0x65, result));
  };
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.max(1, Math.ceil(bytes.length / 2) - 1));
}
