import type { WriteEvent } from '../../sandbox/write-watch.ts';
import type { Site, Started } from '../site.ts';

/** An outside write of either side, and whether the kill comes before it is carried out or after. */
export interface Place {
  /** From 1, in the order in which both sides together are asked. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

export function placesOf(writes: number): readonly Place[] {
  return Array.from({ length: writes }, (_, index) => index + 1).flatMap((nth) => [
    { nth, when: 'before' as const },
    { nth, when: 'after' as const },
  ]);
}

/** Parks that write, kills the program with SIGKILL there, and lets the connection break. False: it never came so far. */
export async function killAtWrite(site: Site, { nth, when }: Place, start: () => Started): Promise<boolean> {
  let count = 0;
  const numbers = new WeakMap<WriteEvent['request'], number>();
  const parked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<'continue' | 'drop'>();
  const hook = async ({ request, when: now }: WriteEvent): Promise<'continue' | 'drop' | undefined> => {
    if (now === 'before') numbers.set(request, (count += 1));
    // Several may be under way at once: it is told by the request which one this is.
    if (numbers.get(request) !== nth || now !== when) return undefined;
    parked.resolve();
    return gone.promise;
  };
  const remove = [site.itGlue.onRequest(hook), site.psa.onRequest(hook)];
  const { child, ended } = start();
  const reached = await Promise.race([parked.promise.then(() => true), ended.then(() => false)]);
  if (reached) child.kill('SIGKILL');
  await ended;
  gone.resolve('drop');
  for (const stop of remove) stop();
  return reached;
}
