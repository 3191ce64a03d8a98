import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigError } from '../../../agent/config/config-error.ts';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { type Json, smallestConfig, temporaryFolder } from './config-file.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => folder.dispose());

function load(notify: Json): ReturnType<typeof loadConfig> {
  return loadConfig(folder.write('config.json', { ...smallestConfig(), notify }));
}

async function problemsOf(notify: Json): Promise<readonly string[]> {
  const error: unknown = await load(notify).then(
    () => new Error('accepted'),
    (thrown: unknown) => thrown,
  );
  return (error as ConfigError).problems.map(({ message }) => message);
}

const mail = { email: 'ops@msp.test', smtp: { server: 'smtps://mail.msp.test:465', from: 'rollcall@msp.test' } };

describe('the section notify', () => {
  it('is taken with addresses, or references to them; paths become absolute', async () => {
    const { config, notices } = await load({
      webhook: 'file:secrets/hook',
      heartbeatUrl: 'https://hc.example.test/ping',
      email: 'ops@msp.test, second@msp.test',
      smtp: { server: 'smtp://[::1]:2525', userName: 'svc@msp.test', password: 'file:secrets/smtp', caFile: 'ca.pem' },
    });

    expect(notices).toEqual([]);
    expect(config.notify).toMatchObject({
      webhook: `file:${join(folder.path, 'secrets/hook')}`,
      smtp: { password: `file:${join(folder.path, 'secrets/smtp')}`, caFile: join(folder.path, 'ca.pem'), from: '' },
    });
  });

  it.each<[string, Json, RegExp]>([
    ['e-mail without a server', { email: 'ops@msp.test', smtp: { from: 'a@b.test' } }, /notify\.smtp\.server: is needed to send mail/u],
    ['a server without e-mail', { smtp: mail.smtp }, /notify\.email: is needed with "notify\.smtp"/u],
    [
      'a user without password',
      { ...mail, smtp: { ...mail.smtp, userName: 'svc' } },
      /notify\.smtp\.password: "userName" and "password" go together/u,
    ],
    [
      'a password without user',
      { ...mail, smtp: { ...mail.smtp, password: 'env:P' } },
      /notify\.smtp\.userName: "userName" and "password" go together/u,
    ],
    ['no sender', { ...mail, smtp: { server: 'smtps://m.test', userName: 'svc', password: 'env:P' } }, /notify\.smtp\.from: is needed/u],
    [
      'a password in the open',
      { ...mail, smtp: { ...mail.smtp, userName: 'svc', password: 'canary' } },
      /notify\.smtp\.password is a plain value/u,
    ],
    ['a password in the address', { ...mail, smtp: { ...mail.smtp, server: 'smtps://svc:canary@m.test' } }, /must not contain a password/u],
    ['another scheme', { ...mail, smtp: { ...mail.smtp, server: 'mail.msp.test:587' } }, /smtps:\/\/ or smtp:\/\//u],
    ['a path', { ...mail, smtp: { ...mail.smtp, server: 'smtps://m.test/x' } }, /without a path/u],
    ['no address', { ...mail, email: 'ops' }, /notify\.email: expected mail addresses/u],
    ['an empty address', { ...mail, email: 'a@b.test,,c@d.test' }, /notify\.email: expected mail addresses/u],
    ['an address with a name', { ...mail, email: 'Ops <ops@msp.test>' }, /notify\.email: expected mail addresses/u],
    ['a header in an address', { ...mail, email: 'ops@msp.test\r\nBcc: x@y.test' }, /notify\.email: expected mail addresses/u],
    ['too many addresses', { ...mail, email: Array.from({ length: 21 }, (_, index) => `a${index}@b.test`).join() }, /at most 20/u],
    ['no web address', { webhook: 'http://hooks.example.test/x' }, /notify\.webhook: expected https:/u],
    ['a key that is none', { ...mail, smtp: { ...mail.smtp, host: 'x' } }, /notify\.smtp\.host is not a setting/u],
  ])('is refused with %s', async (_name, notify, words) => {
    const problems = await problemsOf(notify);

    expect(problems.join('\n')).toMatch(words);
    expect(problems).toHaveLength(1);
    expect(problems.join('\n')).not.toContain('canary');
  });
});
