import { userInfo } from 'node:os';
import { loadConfig } from '../../../config/load-config.ts';
import type { HubWorkName } from '../../../hub/administration/hub-work-names.ts';
import type { LocalContext } from '../../answer.ts';

/** Has the running service do it, when one runs for the state directory (S4); else it is done here, under the registry's lock. */
export async function talkToHub<Document>(context: LocalContext, name: HubWorkName, options: object): Promise<Document> {
  const loaded = await loadConfig(context.configFile);
  const { callService, channelTo } = await import('../../../control/remote-operations.ts');
  const channel = await channelTo({ ...context, loaded });
  if (channel !== null) return (await callService(channel, { name, options }, context)) as Document;
  const [{ hubWork }, { withHub }] = await Promise.all([
    import('../../../hub/administration/hub-work.ts'),
    import('../../../service/open-hub.ts'),
  ]);
  const place = { stateDirectory: context.stateDirectory, now: Date.now, command: 'rollcall hub' };
  return (await withHub(place, (opened) => hubWork(name, options, { ...opened, loaded, now: Date.now() }))) as Document;
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
