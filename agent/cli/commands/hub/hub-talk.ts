import { userInfo } from 'node:os';
import { loadConfig } from '../../../config/load-config.ts';
import type { HubWorkName } from '../../../hub/administration/hub-work-names.ts';
import type { HubParts } from '../../../service/open-hub.ts';
import type { LocalContext } from '../../answer.ts';

/** Has the running service do it, when one runs for the state directory (S4); else it is done here, a registry in a file being locked meanwhile. */
export async function talkToHub<Document>(context: LocalContext, name: HubWorkName, options: object): Promise<Document> {
  const loaded = await loadConfig(context.configFile);
  const { callService, channelTo } = await import('../../../control/remote-operations.ts');
  const channel = await channelTo({ ...context, loaded });
  if (channel !== null) return (await callService(channel, { name, options }, context)) as Document;
  const [{ hubWork }, { withConfiguredHub }] = await Promise.all([
    import('../../../hub/administration/hub-work.ts'),
    import('../../../compose-hub.ts'),
  ]);
  const work = (opened: HubParts): Promise<object> => hubWork(name, options, { ...opened, loaded, now: Date.now() });
  return (await withConfiguredHub({ ...context, loaded }, 'rollcall hub', work)) as Document;
}

/** Who is noted to have done it. */
export function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account that the system has no name for.
    return String(process.getuid?.() ?? 'unknown');
  }
}
