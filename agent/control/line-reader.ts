import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** Cuts what comes over a socket into lines; a line that is longer than allowed ends the connection. */
export function readLines(socket: Socket, longest: number, onLine: (line: string) => void): void {
  const reader = new LineReader(socket, longest);
  socket.on('data', (chunk: Buffer) => reader.take(chunk, onLine));
}

class LineReader {
  readonly #socket: Socket;
  readonly #longest: number;
  readonly #decoder = new StringDecoder('utf8');
  #parts: string[] = [];
  #length = 0;

  constructor(socket: Socket, longest: number) {
    this.#socket = socket;
    this.#longest = longest;
  }

  take(chunk: Buffer, onLine: (line: string) => void): void {
    let rest = this.#decoder.write(chunk);
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      const line = this.#parts.join('') + rest.slice(0, end);
      this.#parts = [];
      this.#length = 0;
      rest = rest.slice(end + 1);
      onLine(line);
      if (this.#socket.destroyed) return;
    }
    this.#parts.push(rest);
    this.#length += rest.length;
    if (this.#length > this.#longest) this.#socket.destroy();
  }
}
