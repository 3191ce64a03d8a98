import { silentLogger } from '../../telemetry/logger.ts';
import type { Inbox } from '../inbox/inbox.ts';
import type { Registry } from '../registry/registry.ts';
import { buildHub } from './build-hub.ts';

/** The OpenAPI description of the hub, made from its routes. */
export async function describeHub(version: string): Promise<object> {
  // Nothing is asked of them: the routes are only looked at.
  const [registry, inbox] = [{} as Registry, {} as Inbox];
  const app = await buildHub({ name: '', version, registry, inbox, logger: silentLogger(), now: () => 0 });
  try {
    return app.swagger();
  } finally {
    await app.close();
  }
}
