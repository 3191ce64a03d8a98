// A worker for tests of the job runner: it does what the job's options say, by the protocol of agent/service/job-protocol.ts.
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import type { FromWorker, Job, ToWorker } from '../../../agent/service/job-protocol.ts';

const log = process.argv[2] ?? '';

function tell(message: FromWorker): void {
  process.send?.(message);
}

function note(text: string): void {
  appendFileSync(log, `${text}\n`);
}

note('started');
let stopped: ((id: number) => void) | null = null;
let answered: ((yes: boolean) => void) | null = null;
let closes = true;

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'job':
      void perform(message.job);
      break;
    case 'stop':
      stopped?.(message.id);
      break;
    case 'answer':
      answered?.(message.yes);
      break;
    case 'close':
      note('closing');
      if (closes) setTimeout(() => process.disconnect?.(), 50);
      break;
  }
});

async function perform({ id, options }: Job): Promise<void> {
  const {
    label = '',
    does = 'answer',
    rssBytes = 0,
  } = options as {
    readonly label?: string;
    readonly does?: string;
    readonly rssBytes?: number;
  };
  note(`begin ${label}`);
  const done = (value: unknown): void => {
    note(`end ${label}`);
    tell({ kind: 'done', id, text: JSON.stringify(value), outcome: { result: 'success', code: null }, rssBytes });
  };
  const interrupted = (): void => {
    note(`stopped ${label}`);
    tell({ kind: 'failed', id, error: { code: 'INTERRUPTED', message: 'Stopped.', hint: '', place: {} } });
  };
  switch (does) {
    case 'exit':
      process.exit(7);
      break;
    case 'hang':
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    case 'wait':
      await new Promise<void>((resolve) => {
        stopped = (stop) => (stop === id ? resolve() : undefined);
      });
      interrupted();
      break;
    case 'ignore stops':
      closes = false;
      tell({ kind: 'news', id, news: { kind: 'task', task: 1, label: 'begun' } });
      break;
    case 'ask': {
      const yes = new Promise<boolean>((resolve) => {
        answered = resolve;
      });
      tell({ kind: 'question', id, question: { kind: 'push', plans: [] } });
      done(await yes);
      break;
    }
    case 'fail':
      tell({ kind: 'failed', id, error: { code: 'STORE_LOCKED', message: 'Busy.', hint: '', place: { file: 'x' } } });
      break;
    default:
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      done(label);
  }
}
