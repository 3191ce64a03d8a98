import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

export interface StopSources {
  /** Aborted by SIGINT, SIGTERM, SIGBREAK. */
  readonly signal: AbortSignal;
  readonly stdin: Readable & { readonly isTTY?: boolean };
}

/** Tells when somebody asks the process to stop, with the reason; gives back how to listen no more. */
export function onStop({ signal, stdin }: StopSources, listener: (reason: string) => void): () => void {
  const onSignal = (): void => listener('a signal');
  const onEnd = (): void => listener('standard input was closed');
  signal.addEventListener('abort', onSignal);
  const isHeld = isHeldByParent(stdin);
  if (isHeld) {
    stdin.on('end', onEnd);
    stdin.on('close', onEnd);
    stdin.resume();
  }
  return () => {
    signal.removeEventListener('abort', onSignal);
    if (isHeld) {
      stdin.off('end', onEnd);
      stdin.off('close', onEnd);
      stdin.pause();
    }
  };
}

/** The same as a signal, whose reason is the text. */
export function stopSignal(sources: StopSources): { readonly signal: AbortSignal; readonly forget: () => void } {
  const stop = new AbortController();
  const forget = onStop(sources, (reason) => stop.abort(reason));
  if (sources.signal.aborted) stop.abort('a signal');
  return { signal: stop.signal, forget };
}

/** Only a pipe says something by its end: /dev/null, a file and a terminal do not. */
function isHeldByParent(stdin: Readable & { readonly isTTY?: boolean }): boolean {
  if (stdin.isTTY === true) return false;
  // On Windows the facts of a pipe do not say that it is one; Node itself knows.
  if (stdin instanceof Socket) return true;
  try {
    const facts = fstatSync(0);
    return facts.isFIFO() || facts.isSocket();
  } catch {
    return false;
  }
}
