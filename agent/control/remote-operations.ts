import { resolve } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import type { Operations, OperationsContext, Progress, ProgressTask, PushOptions, UndoOptions } from '../cli/operations.ts';
import type { JobName, JobNews, Question } from '../service/job-protocol.ts';
import { version } from '../version.ts';
import { configMark } from './config-mark.ts';
import { type ControlChannel, connectToService } from './control-client.ts';

type Parts = Pick<OperationsContext, 'stateDirectory' | 'loaded' | 'progress' | 'signal'> & { readonly platform: NodeJS.Platform };

/**
 * The same operations, with those that write done by the service when one runs for the state directory (S4); else here, under the
 * store's lock.
 */
export function throughService(local: Operations, parts: Parts): Operations {
  const via = async <Result>(name: JobName, options: object, here: () => Promise<Result>, confirm?: Confirm): Promise<Result> => {
    const channel = await channelTo(parts);
    if (channel === null) return here();
    return (await callService(channel, { name, options }, parts, confirm)) as Result;
  };
  return {
    ...local,
    scan: (options) => via('scan', options, () => local.scan(options)),
    plan: (options) => via('plan', options, () => local.plan(options)),
    sync: (options) => via('sync', options, () => local.sync(options)),
    approve: (options) => via('approve', options, () => local.approve(options)),
    reject: (options) => via('reject', options, () => local.reject(options)),
    matchContact: (options) => via('matchContact', options, () => local.matchContact(options)),
    createContacts: (options) => via('createContacts', options, () => local.createContacts(options)),
    ignoreContacts: (options) => via('ignoreContacts', options, () => local.ignoreContacts(options)),
    restoreContacts: (options) => via('restoreContacts', options, () => local.restoreContacts(options)),
    unmatchContacts: (options) => via('unmatchContacts', options, () => local.unmatchContacts(options)),
    changeCollector: (options) => via('changeCollector', options, () => local.changeCollector(options)),
    push: (options) => {
      const { confirm, ...plain } = options;
      return via('push', plain, () => local.push(options), pushConfirm(confirm));
    },
    undo: (options) => {
      const { confirm, ...plain } = options;
      return via('undo', plain, () => local.undo(options), undoConfirm(confirm));
    },
  };
}

type Confirm = (question: Question) => Promise<boolean>;

function pushConfirm(confirm: PushOptions['confirm']): Confirm {
  return (question) => (question.kind === 'push' ? confirm(question.plans) : Promise.resolve(false));
}

function undoConfirm(confirm: UndoOptions['confirm']): Confirm {
  return (question) => (question.kind === 'undo' ? confirm(question.preview) : Promise.resolve(false));
}

/** To the service, with the configuration in force there that the command has read; `null`: none runs. */
export async function channelTo(parts: Parts): Promise<ControlChannel | null> {
  const first = await provenChannel(parts);
  const mark = configMark(parts.loaded.config);
  if (first === null || first.configuration === mark) return first;
  // The file was edited a moment ago, or the edit was refused, which the command must hear.
  const task = parts.progress.start('Letting the service take over the edited configuration');
  try {
    await first.call('reload', { accept: false }, { signal: parts.signal });
    task.done();
  } catch (error) {
    task.fail();
    throw error;
  }
  const second = await provenChannel(parts);
  if (second === null || second.configuration === mark) return second;
  second.close();
  throw new RollcallError('SERVICE_MISMATCH', `${parts.loaded.file} was edited while the command began; run it again.`);
}

async function provenChannel(parts: Parts): Promise<ControlChannel | null> {
  const channel = await connectToService(parts.stateDirectory, parts.platform);
  if (channel !== null) proveSame(channel, parts);
  return channel;
}

/** A command must not be carried out under another configuration, or by another version, than its user believes. */
function proveSame(channel: ControlChannel, { loaded, stateDirectory }: Parts): void {
  if (channel.version !== version) {
    channel.close();
    throw new RollcallError('SERVICE_MISMATCH', `The running service is rollcall ${channel.version}, this command is rollcall ${version}.`);
  }
  if (resolve(channel.configFile) !== resolve(loaded.file)) {
    channel.close();
    throw new RollcallError(
      'SERVICE_MISMATCH',
      `The service that runs for ${stateDirectory} uses the configuration ${channel.configFile}, this command ${loaded.file}.`,
    );
  }
}

/** Calls the service and shows what it tells as if it happened here. */
export async function callService(
  channel: ControlChannel,
  { name, options }: { readonly name: string; readonly options: object },
  parts: Pick<Parts, 'progress' | 'signal'>,
  confirm: Confirm = () => Promise.resolve(false),
): Promise<unknown> {
  const tasks = new Map<number, ProgressTask>();
  let wait: ProgressTask | null = null;
  const arrived = (): void => {
    wait?.done();
    wait = null;
  };
  try {
    return await channel.call(name, options, {
      signal: parts.signal,
      question: confirm,
      reply: (reply) => {
        if ('waiting' in reply) wait ??= parts.progress.start(`Waiting for the service, which is at "${reply.waiting}"`);
        else {
          arrived();
          show(reply.news, tasks, parts.progress);
        }
      },
    });
  } finally {
    arrived();
    for (const task of tasks.values()) task.fail();
  }
}

function show(news: JobNews, tasks: Map<number, ProgressTask>, progress: Progress): void {
  switch (news.kind) {
    case 'task':
      tasks.set(news.task, progress.start(news.label));
      break;
    case 'update':
      tasks.get(news.task)?.update(news.done, news.total);
      break;
    case 'task-done':
    case 'task-failed': {
      const task = tasks.get(news.task);
      tasks.delete(news.task);
      const text = news.text ?? undefined;
      if (news.kind === 'task-done') task?.done(text);
      else task?.fail(text);
      break;
    }
  }
}
