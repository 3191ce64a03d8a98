import type { Config } from '../config/schema.ts';
import { isSecretReference } from '../config/value-types.ts';
import type { Redacted } from '../secrets/redacted.ts';

export type NotifySettings = Config['notify'];

/**
 * Opens a reference to a secret and registers it with the redactor. `setting` names where the reference stands. Throws
 * `RollcallError` (`SECRET_NOT_SET` and the like).
 */
export type ResolveSecret = (reference: string, setting: string) => Redacted | Promise<Redacted>;

/** The references to secrets with the settings that they stand in. */
export function notifySecrets(settings: NotifySettings): readonly { readonly reference: string; readonly setting: string }[] {
  return [
    { reference: settings.webhook, setting: 'notify.webhook' },
    { reference: settings.heartbeatUrl, setting: 'notify.heartbeatUrl' },
    { reference: settings.smtp.password, setting: 'notify.smtp.password' },
  ].filter(({ reference }) => isSecretReference(reference));
}

/** The addresses of `notify.email`. */
export function recipientsOf(settings: NotifySettings): readonly string[] {
  return settings.email
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

/** The sender's address: `from`, else the account when that is an address. Empty when neither is. */
export function senderOf(smtp: Pick<NotifySettings['smtp'], 'from' | 'userName'>): string {
  return smtp.from !== '' || !smtp.userName.includes('@') ? smtp.from : smtp.userName;
}
