import { z } from 'zod';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { shortName } from '../protocol/uploads.ts';
import type { Registry } from '../registry/registry.ts';
import type { HubWorkName } from './hub-work-names.ts';
import { invite } from './invite.ts';
import { listCollectors } from './list-collectors.ts';
import { bringBack, remove } from './remove.ts';
import { revoke } from './revoke.ts';

export interface HubWorkContext {
  readonly loaded: LoadedConfig;
  readonly registry: Registry;
  readonly inbox: Inbox;
  readonly now: Moment;
}

const account = z.string().min(1).max(200);
const organization = z.string().max(64).nullable();

const inviteOptions = z.object({
  organization: z.string().max(64),
  subnets: z.array(z.string().max(64)).min(1).max(100),
  name: shortName.nullable(),
  expiresInMs: z.number().nullable(),
  url: z.string().max(1_000).nullable(),
  pin: z.boolean(),
  account,
});
export type InviteOptions = z.output<typeof inviteOptions>;

const collectorsOptions = z.object({ organization });

const revokeOptions = z.object({ name: z.string().max(200), organization, account });
export type RevokeOptions = z.output<typeof revokeOptions>;

const restoreOptions = z.object({ name: z.string().max(200), organization: z.string().max(64), account });
export type RestoreOptions = z.output<typeof restoreOptions>;

/** Carries out a command; answers with its document of `--json`. */
export async function hubWork(name: HubWorkName, options: unknown, context: HubWorkContext): Promise<object> {
  switch (name) {
    case 'hubInvite':
      return invite(read(inviteOptions, options), context);
    case 'hubCollectors':
      return listCollectors(read(collectorsOptions, options).organization, context);
    case 'hubRevoke':
      return revoke(read(revokeOptions, options), context);
    case 'hubDelete':
      return remove(read(revokeOptions, options), context);
    case 'hubRestore':
      return bringBack(read(restoreOptions, options), context);
  }
}

function read<Options>(schema: z.ZodType<Options>, options: unknown): Options {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new RollcallError('USAGE', `The words were not understood (${parsed.error.issues[0]?.path.join('.') ?? ''}).`);
}
