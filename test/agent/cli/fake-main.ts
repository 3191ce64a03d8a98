import process from 'node:process';
import type { Operations } from '../../../agent/cli/operations.ts';
import { runProcess } from '../../../agent/cli/run-process.ts';
import { Redacted } from '../../../agent/secrets/redacted.ts';
import { fakeOperations } from './fake-operations.ts';
import * as samples from './samples.ts';

/** The process edge of agent/main.ts over fake operations; ROLLCALL_FAKE names what they do. */
const canary = 'Canary-Pa55-phrase';

function waits(signal: AbortSignal, heeds: boolean): Promise<never> {
  process.stderr.write('waiting\n');
  return new Promise((_resolve, reject) => {
    // Keeps the process alive, as an open connection would.
    setInterval(() => undefined, 1_000);
    if (heeds) {
      signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    }
  });
}

function scenario(signal: AbortSignal): Partial<Operations> {
  switch (process.env['ROLLCALL_FAKE'] ?? '') {
    case 'later-crash':
      return {
        sync: () => {
          setTimeout(() => {
            throw new TypeError(canary);
          });
          return waits(signal, false);
        },
      };
    case 'waits':
      return { sync: () => waits(signal, true) };
    case 'hangs':
      return { sync: () => waits(signal, false) };
    case 'large':
      return {
        listContacts: () =>
          Promise.resolve([
            samples.contactsDocument({
              contacts: Array.from({ length: 20_000 }, (_, index) => samples.contactRow({ id: `ad:corp/${index}` })),
            }),
          ]),
      };
    default:
      return {};
  }
}

const code = await runProcess(
  (context) => {
    context.redactor.register(new Redacted(canary));
    context.logger.info('Operations were opened', { secretish: canary });
    const task = context.progress.start('Reading corp');
    task.update(1, 2);
    task.done('Read corp: 250 users');
    return Promise.resolve(fakeOperations(scenario(context.signal)));
  },
  (exit) => process.exit(exit),
);
process.exit(code);
