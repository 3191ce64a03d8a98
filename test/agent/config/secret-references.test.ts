import { describe, expect, it } from 'vitest';
import { secretUses } from '../../../agent/config/secret-references.ts';

describe('the settings that refer to secrets', () => {
  it('are found wherever they stand, and no others', () => {
    const config = {
      directories: [{ name: 'vault', bindDn: 'x', password: 'vault:corp' }, { file: 'users.ldif' }],
      itglue: { apiKey: 'env:KEY' },
      psa: { credentials: { password: 'file:/etc/key', tenant: 'vault of things' } },
      notify: { webhook: 'vault:hook' },
      none: null,
    };

    expect(secretUses(config)).toEqual([
      { setting: 'directories[0].password', reference: 'vault:corp' },
      { setting: 'itglue.apiKey', reference: 'env:KEY' },
      { setting: 'psa.credentials.password', reference: 'file:/etc/key' },
      { setting: 'notify.webhook', reference: 'vault:hook' },
    ]);
  });
});
