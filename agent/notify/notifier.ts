import { setTimeout as delay } from 'node:timers/promises';
import { errorTable } from '../../core/error-table.ts';
import type { HttpClient } from '../http/http-client.ts';
import { type HttpClock, systemClock } from '../http/http-clock.ts';
import type { Trust } from '../http/trust.ts';
import type { ServiceProblem } from '../service/service-facts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import { channelsOf } from './channels.ts';
import { startHeartbeatLoop } from './heartbeat-loop.ts';
import {
  type ChannelFailure,
  type ChannelRecord,
  type FoundRecords,
  type Records,
  readRecords,
  textOf,
  writeRecords,
} from './memory-file.ts';
import { startMessageLoop } from './message-loop.ts';
import type { Channel, MessageChannel, NotifiableProblem } from './notice.ts';
import type { NotifySettings, ResolveSecret } from './notify-settings.ts';
import { type ChannelResult, testChannels } from './test-channels.ts';

/** How long `close` waits for what is under way. */
const closeMs = 800;

export interface NotifierOptions {
  readonly settings: NotifySettings;
  /** The collector's name, for messages. */
  readonly collector: string;
  /** Made with `notifyHttpOptions`; the notifier does not close it. */
  readonly http: HttpClient;
  readonly resolveSecret: ResolveSecret;
  readonly redactor: Redactor;
  /** Whose certificates a mail server may have when `notify.smtp.caFile` is not set; that of the HTTP clients' network. */
  readonly trust: Trust;
  /** `notify.json` in the state directory. */
  readonly stateFile: string;
  readonly logger: Logger;
  readonly clock?: HttpClock;
  /** From 0 to below 1, for the jitter of pauses. */
  readonly random?: () => number;
}

/** Tells people what is wrong and when it is over. All methods but `test` and `close` return at once and never throw. */
export interface Notifier {
  /** Everything that is wrong now, as a whole; to be called whenever it may have changed, and not before it is known. */
  report(problems: readonly NotifiableProblem[]): void;
  /** A scheduled run of all organizations succeeded: sends the sign of life. */
  succeeded(): void;
  /** What is wrong with notifying itself. Need not be given back to `report`: each channel hears of the others' failures. */
  problems(): readonly ServiceProblem[];
  /** Sends a test message through each configured channel. */
  test(): Promise<readonly ChannelResult[]>;
  /** Ends within a second. What was not sent is sent after the next start. */
  close(): Promise<void>;
}

/** Starts the channels that the settings name; what they were told is read from `stateFile`, so that a restart repeats nothing. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { settings, logger, redactor } = options;
  const clock = options.clock ?? systemClock;
  const stop = new AbortController();
  const channels = channelsOf({ ...options, signal: stop.signal });
  const redact = (text: string): string => redactor.text(text);

  let reported: readonly NotifiableProblem[] | null = null;
  let records: Records = {};
  let saved = '';
  let saving: Promise<void> = Promise.resolve();
  let unsaved: ServiceProblem | null = null;
  let abandoned = false;

  const found = readRecords(options.stateFile).then((answer) => {
    takeOver(answer);
    return answer.records;
  });

  function takeOver({ records: before, damage }: FoundRecords): void {
    records = { ...before };
    saved = damage === null ? textOf(records) : '';
    if (damage !== null) {
      logger.warn('What was notified before cannot be read; what is wrong now is told again', { file: options.stateFile, reason: damage });
    }
  }

  function keep(channel: Channel, record: ChannelRecord): Promise<void> {
    const failureBefore = records[channel]?.failure ?? null;
    records = { ...records, [channel]: record };
    if ((failureBefore === null) !== (record.failure === null)) wakeOthers(channel);
    saving = saving.then(save);
    return saving;
  }

  async function save(): Promise<void> {
    const text = textOf(records);
    if (abandoned || text === saved) return;
    try {
      await writeRecords(options.stateFile, records);
      saved = text;
      unsaved = null;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
      if (unsaved === null) logger.warn('What was notified cannot be kept', { file: options.stateFile, reason: code });
      unsaved ??= {
        code: 'STORE_UNUSABLE',
        message: `${options.stateFile} cannot be written (${code}); after a restart, problems would be notified again.`,
        hint: errorTable.STORE_UNUSABLE.hint,
        place: { file: options.stateFile },
        severity: 'degraded',
        since: new Date(clock.now()).toISOString(),
      };
    }
  }

  const loops = new Map(
    channels.senders.map(({ channel, sender }) => [
      channel,
      startMessageLoop({
        channel,
        sender,
        collector: options.collector,
        clock,
        random: options.random ?? Math.random,
        logger,
        redact,
        problems: () => (reported === null ? null : [...reported, ...problemsFor(channel)]),
        before: found.then((before) => before[channel]),
        keep: (record) => keep(channel, record),
      }),
    ]),
  );
  const heartbeat =
    channels.heartbeat === null
      ? null
      : startHeartbeatLoop({
          receiver: channels.heartbeat,
          clock,
          logger,
          before: found.then((before) => before.heartbeat),
          keep: (record) => keep('heartbeat', record),
        });

  function wakeOthers(channel: Channel): void {
    for (const [other, loop] of loops) if (other !== channel) loop.wake();
  }

  /** What a channel is told of notifying itself: not its own failure, for it could not be told. */
  function problemsFor(channel: MessageChannel): readonly NotifiableProblem[] {
    return problems().filter((problem) => problem.place?.['channel'] !== channel);
  }

  function problems(): readonly ServiceProblem[] {
    const failures: readonly (readonly [Channel, ChannelFailure | null])[] = [
      ...[...loops].map(([channel, loop]) => [channel, loop.failure()] as const),
      ...(heartbeat === null ? [] : [['heartbeat', heartbeat.failure()] as const]),
    ];
    return [
      ...failures.flatMap(([channel, failure]) => (failure === null ? [] : [problemOf(channel, failure)])),
      ...(unsaved === null ? [] : [unsaved]),
    ];
  }

  return {
    report(now) {
      // Its own problems may come back by way of `status`: they are added here, once.
      reported = now.filter((problem) => problem.code !== 'NOTIFY_FAILED');
      for (const loop of loops.values()) loop.wake();
    },
    succeeded: () => heartbeat?.beat(),
    problems,
    test: () => testChannels({ ...options, settings, signal: stop.signal }),
    async close() {
      const ended = Promise.all([...[...loops.values()].map((loop) => loop.close()), heartbeat?.close()]).then(() => saving);
      await Promise.race([ended, delay(closeMs, undefined, { ref: false })]);
      abandoned = true;
      stop.abort();
    },
  };
}

function problemOf(channel: Channel, failure: ChannelFailure): ServiceProblem {
  const { message, hint, since } = failure;
  return { code: 'NOTIFY_FAILED', message, hint, place: { channel }, severity: 'degraded', since: new Date(since).toISOString() };
}
