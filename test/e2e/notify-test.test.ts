import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, startScriptedServer } from '../agent/http/scripted-server.ts';
import { startMailbox } from '../agent/notify/receivers.ts';
import { makeTestCertificates, type TestCertificates } from '../fixtures/tls.ts';
import { type Site, startSite } from './site.ts';

const token = 'canary-hook-token-7f3a9b';
const password = 'canary-smtp-Pa55word';

let site: Site;
let certificates: TestCertificates;
beforeAll(async () => {
  site = await startSite();
  certificates = makeTestCertificates();
  site.environment['TEST_SMTP'] = password;
  writeFileSync(join(site.folder, 'ca.pem'), readFileSync(certificates.caFile));
});
afterAll(async () => {
  certificates.remove();
  await site[Symbol.asyncDispose]();
});

describe('rollcall notify test', () => {
  it('sends a test through each channel, as a user runs it', async () => {
    const bodies: string[] = [];
    await using hook = await startScriptedServer((_request, response, body) => {
      bodies.push(body);
      response.end('ok');
    });
    await using beat = await startScriptedServer(answer(200, 'OK'));
    const { key, cert } = certificates.good;
    await using mailbox = await startMailbox({
      key,
      cert,
      authOptional: false,
      onAuth: (auth, _session, done) => done(auth.password === password ? null : new Error('wrong'), { user: 'svc' }),
    });
    writeFileSync(join(site.folder, 'hook'), `${hook.url}/services/${token}\n`);
    site.configure({
      notify: {
        webhook: 'file:hook',
        heartbeatUrl: beat.url,
        email: 'ops@msp.test',
        smtp: { server: `smtp://localhost:${mailbox.port}`, userName: 'svc@msp.test', password: 'env:TEST_SMTP', caFile: 'ca.pem' },
      },
    });

    const shown = await site.run('notify', 'test', '--log-level', 'debug');

    expect(shown).toMatchObject({ exit: 0 });
    expect(shown.stdout).toMatch(/✔ Webhook {2}took the test message[\s\S]*✔ E-mail[\s\S]*✔ Heartbeat {2}took the sign of life/u);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ formatVersion: 1, event: 'test', collector: 'hq', problems: [] });
    expect(mailbox.mails).toMatchObject([{ from: 'svc@msp.test', to: ['ops@msp.test'], secure: true, user: 'svc' }]);
    expect(beat.seen).toEqual(['GET /']);
    for (const secret of [token, password]) expect(shown.stdout + shown.stderr).not.toContain(secret);
  });

  it('says per channel what failed and what to do, and ends with 1', async () => {
    await using hook = await startScriptedServer(answer(404, 'no_service'));
    await using beat = await startScriptedServer(answer(200));
    writeFileSync(join(site.folder, 'hook'), `${hook.url}/services/${token}`);
    site.configure({ notify: { webhook: 'file:hook', heartbeatUrl: beat.url } });

    const [shown, json] = [await site.call('notify', 'test'), await site.call('notify', 'test', '--json')];

    expect(shown.exit).toBe(1);
    expect(shown.stdout).toMatch(
      /✘ Webhook {2}notify\.webhook: the receiver answered 404: no_service\.[\s\S]*next {2}The receiver does not take messages/u,
    );
    expect(json).toMatchObject({
      exit: 1,
      json: {
        formatVersion: 1,
        collector: 'hq',
        channels: [
          { channel: 'webhook', arrived: false, error: { code: 'NOTIFY_FAILED' } },
          { channel: 'heartbeat', arrived: true, error: null },
        ],
      },
    });
    expect(shown.stdout + shown.stderr + json.stdout + json.stderr).not.toContain(token);
  });

  it('says when nothing is configured', async () => {
    site.configure({});

    expect(await site.call('notify', 'test', '--json')).toMatchObject({ exit: 2, json: { error: { code: 'NOTIFY_NOT_CONFIGURED' } } });
  });

  it('validate proves the references to secrets', async () => {
    site.configure({ notify: { webhook: 'env:TEST_NOWHERE' } });

    const shown = await site.call('validate', '--offline', '--json');

    expect(shown.exit).toBe(2);
    expect(shown.stdout).toContain('notify.webhook refers to the environment variable TEST_NOWHERE, which is not set');
  });
});
