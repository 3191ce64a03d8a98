import { RollcallError } from '../../core/errors.ts';
import { formatVersion } from '../cli/documents.ts';
import type { NotifyTestDocument } from '../cli/documents-notify.ts';
import type { Services } from './services.ts';

/** Sends a test message through each configured channel. Throws `NOTIFY_NOT_CONFIGURED` when there is none. */
export async function notifyTest(services: Services): Promise<NotifyTestDocument> {
  const results = await services.testNotifications();
  if (results.length === 0) {
    throw new RollcallError('NOTIFY_NOT_CONFIGURED', `${services.configFile} names nothing to notify: "notify" is empty.`);
  }
  return {
    formatVersion,
    collector: services.collector,
    channels: results.map(({ channel, arrived, failure, ms }) => ({
      channel,
      arrived,
      error: failure === null ? null : { code: 'NOTIFY_FAILED', ...failure },
      took: ms,
    })),
  };
}
