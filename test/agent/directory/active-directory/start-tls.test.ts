import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createActiveDirectorySource } from '../../../../agent/directory/active-directory/active-directory-source.ts';
import { berTags } from '../../../../agent/directory/active-directory/ber-reader.ts';
import { RollcallError } from '../../../../core/errors.ts';
import { element, integer, text } from './encode.ts';

const password = 'correct horse';
let server: Server | null = null;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (server !== null) await new Promise((resolve) => server?.close(resolve));
  server = null;
});

/** Serves one answer to the first bytes, and keeps all that comes. */
async function serve(answer: Buffer): Promise<{ readonly url: string; readonly received: () => Buffer }> {
  const chunks: Buffer[] = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.length === 1) socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `ldap://127.0.0.1:${port}`, received: () => Buffer.concat(chunks) };
}

async function check(url: string): Promise<RollcallError> {
  const source = createActiveDirectorySource({
    name: 'corp',
    domain: 'corp.example.test',
    servers: [url],
    bindDn: 'svc@corp.example.test',
    password,
    searchBases: [],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'starttls', caFile: '', serverName: '', pinSha256: '', verify: true },
    deadlines: { connectMs: 500, handshakeMs: 500, requestMs: 500, idleMs: 500, readMs: 2000 },
    parsePhone: (raw) => ({ raw, e164: null, extension: null }),
  });
  const error: unknown = await source.check().then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RollcallError)) throw new Error(`a coded error expected, got ${String(error)}`);
  return error;
}

function answer(code: number, tag = 0x78): Buffer {
  const result = Buffer.concat([element(berTags.enumerated, Buffer.from([code])), text(''), text('words of the server')]);
  return element(berTags.sequence, Buffer.concat([integer(1), element(tag, result)]));
}

describe('StartTLS', () => {
  it.each([
    ['is refused', answer(52), 'DIRECTORY_TLS_FAILED', 'refuses StartTLS'],
    ['is followed by bytes in clear', Buffer.concat([answer(0), answer(0)]), 'DIRECTORY_TLS_FAILED', 'before TLS began'],
    ['is answered by a bind', answer(0, 0x61), 'DIRECTORY_PROTOCOL', 'something else'],
    ['is answered by no LDAP', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'DIRECTORY_PROTOCOL', 'no'],
    ['P4 is accepted and the handshake never answered', answer(0), 'DIRECTORY_TIMEOUT', 'TLS handshake'],
    ['is never answered', Buffer.alloc(0), 'DIRECTORY_TIMEOUT', 'StartTLS'],
  ])('never falls back to clear text when it %s', async (_, bytes, code, words) => {
    const { url, received } = await serve(bytes);

    const error = await check(url);

    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).toContain(url);
    expect(received().includes(password)).toBe(false);
    expect(received().includes('svc@corp')).toBe(false);
  });
});
