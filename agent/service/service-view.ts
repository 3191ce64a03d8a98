import { connectToService } from '../control/control-client.ts';
import { factsSchema, readFacts } from './facts-file.ts';
import type { ServiceFacts, ServiceView } from './service-facts.ts';

/** Asks the running service, else tells what the last one left behind. Never throws. */
export async function serviceView(stateDirectory: string, platform: NodeJS.Platform): Promise<ServiceView> {
  const live = await liveFacts(stateDirectory, platform);
  if (live !== null) return { state: 'running', facts: live };
  const last = await readFacts(stateDirectory);
  return last === null ? { state: 'none' } : { state: 'not-running', facts: last };
}

async function liveFacts(stateDirectory: string, platform: NodeJS.Platform): Promise<ServiceFacts | null> {
  try {
    const channel = await connectToService(stateDirectory, platform);
    if (channel === null) return null;
    return factsSchema.parse(await channel.call('facts', {}));
  } catch {
    return null;
  }
}
