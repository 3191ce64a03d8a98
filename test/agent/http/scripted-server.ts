import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the script: what to do with the request that comes next. */
export type Step = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** Requests as they came: `METHOD path`. */
  readonly seen: readonly string[];
}

/** A server on loopback that answers request n with step n; the last step goes on for ever. */
export async function startScriptedServer(...steps: readonly Step[]): Promise<ScriptedServer> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const step = steps[Math.min(seen.length, steps.length - 1)];
    seen.push(`${request.method} ${request.url}`);
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => step?.(request, response, body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export function answer(status: number, text: string | Buffer = '', headers: Readonly<Record<string, string>> = {}): Step {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(text);
  };
}

/** Takes the request and cuts the connection. */
export const cut: Step = (request) => {
  request.socket.destroy();
};

/** Begins an answer and cuts the connection in its middle. */
export const truncate: Step = (request, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"data":[', () => request.socket.destroy());
};

/** Takes the request and never answers. */
export const stall: Step = () => undefined;
