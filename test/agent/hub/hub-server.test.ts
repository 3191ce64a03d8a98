import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pagesOf } from '../../../agent/hub/inbox/read-pages.ts';
import { uploadLimits } from '../../../agent/hub/protocol/limits.ts';
import { usualHubLimits } from '../../../agent/hub/server/hub-limits.ts';
import { RollcallError } from '../../../core/errors.ts';
import { sampleUpload } from '../../fixtures/uploads.ts';
import { as, begin, complete, openTestHub, page, start, statusOf, type TestHub } from './hub-fixture.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await openTestHub();
});
afterEach(() => hub.close());

const day = 86_400_000;
const refused = (status: number, code: string) => ({ status, body: { error: { code, message: expect.any(String) as string } } });

function beat(change: object = {}): object {
  const directory = {
    name: 'corp',
    type: 'active-directory',
    family: null,
    lastReadAt: null,
    lastFullAt: null,
    error: null,
    unsentSince: null,
  };
  return {
    version: '0.1.0',
    platform: 'linux',
    clock: start,
    subnets: [],
    location: '',
    directories: [directory],
    problems: [],
    ...change,
  };
}

function enrolment(secret: string, change: object = {}): object {
  return { secret, name: 'acme-hq', version: '0.1.0', platform: 'linux', subnets: ['10.20.0.0/24'], location: 'HQ', ...change };
}

describe('the hub tells without a key', () => {
  it('what it is, and nothing else', async () => {
    expect(await hub.ask({ url: '/v1/hub' })).toMatchObject({
      status: 200,
      body: { product: 'rollcall hub', version: '0.1.0', protocol: { oldest: 1, newest: 1 } },
      headers: {
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.any(String) as string,
      },
    });
    expect(await hub.ask({ url: '/v1/openapi.json' })).toMatchObject(refused(401, 'HUB_KEY_REJECTED'));
    expect(await hub.ask({ url: '/v1/nothing' })).toMatchObject(refused(404, 'HUB_MESSAGE_INVALID'));
    expect(await hub.ask({ url: '/v1/hub', method: 'DELETE' })).toMatchObject(refused(404, 'HUB_MESSAGE_INVALID'));
  });

  it('H3 a machine that was invited its key, once', async () => {
    const invitation = { organization: '4711', subnets: ['10.20.0.0/16'], name: null, expiresAt: start + 1 };
    const { secret } = await hub.registry.invite(invitation, 'account root', start);
    const ask = () => hub.ask({ method: 'POST', url: '/v1/enrolment', payload: enrolment(secret) });

    const joined = await ask();

    expect(joined).toMatchObject({
      status: 201,
      body: { collector: { name: 'acme-hq', organization: '4711' }, key: expect.stringMatching(/^rck1\./) as string, hub: { name: 'hub' } },
    });
    expect(await ask()).toMatchObject(refused(403, 'HUB_INVITATION_INVALID'));
    const { key } = joined.body as { readonly key: string };
    expect(await hub.ask({ method: 'POST', url: '/v1/heartbeat', headers: as(key), payload: beat() })).toMatchObject({
      status: 200,
      body: { organization: '4711', name: 'acme-hq' },
    });
  });

  it.each([
    ['an unknown secret', enrolment('A'.repeat(43)), 403, 'HUB_INVITATION_INVALID'],
    ['naming an organization', enrolment('A'.repeat(43), { organization: '4712' }), 403, 'HUB_INVITATION_INVALID'],
    ['SQL in its secret', enrolment("' or 1=1 --' or 1=1 --"), 400, 'HUB_MESSAGE_INVALID'],
    ['a line break in its name', enrolment('A'.repeat(43), { name: 'a\r\nset-cookie: x' }), 400, 'HUB_MESSAGE_INVALID'],
    ['no JSON', '{', 400, 'HUB_MESSAGE_INVALID'],
    ['too much', enrolment('A'.repeat(43), { location: 'x'.repeat(uploadLimits.messageBytes) }), 413, 'HUB_MESSAGE_INVALID'],
  ] as const)('H3 nobody a key for %s', async (_words, payload, status, code) => {
    const answer = await hub.ask({ method: 'POST', url: '/v1/enrolment', payload, headers: { 'content-type': 'application/json' } });

    expect(answer).toMatchObject(refused(status, code));
    expect(await hub.registry.collectors(null)).toEqual([]);
  });

  it('H3 nobody a key under a name of the hub itself', async () => {
    const own = await openTestHub({ isReserved: (organization, name) => organization === '4711' && name === 'acme-hq' });
    const invitation = { organization: '4711', subnets: ['10.20.0.0/16'], name: null, expiresAt: start + 1 };
    const { secret } = await own.registry.invite(invitation, 'account root', start);

    expect(await own.ask({ method: 'POST', url: '/v1/enrolment', payload: enrolment(secret) })).toMatchObject(
      refused(409, 'HUB_NAME_TAKEN'),
    );
    expect(await own.registry.openInvitations(null, start)).toHaveLength(1);
    await own.close();
  });

  it('H3 few machines a minute whether their invitation is right or not: of one address, and of all', async () => {
    const ask = (remoteAddress: string) =>
      hub.ask({ method: 'POST', url: '/v1/enrolment', payload: enrolment('A'.repeat(43)), remoteAddress });
    for (let each = 0; each < usualHubLimits.addressJoins; each += 1) expect((await ask('192.0.2.1')).status).toBe(403);

    expect(await ask('192.0.2.1')).toMatchObject({
      ...refused(429, 'HUB_BUSY'),
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string },
    });
    for (let each = usualHubLimits.addressJoins; each < usualHubLimits.joins; each += 1) {
      expect((await ask(`198.51.100.${each}`)).status).toBe(403);
    }
    expect((await ask('203.0.113.9')).status).toBe(429);
    expect((await hub.ask({ url: '/v1/hub', remoteAddress: '192.0.2.1' })).status).toBe(200);
  });
});

describe('the hub answers a collector', () => {
  it('H1 an upload from its beginning to its landing', async () => {
    const { key, id } = await hub.join('acme-hq');
    const upload = sampleUpload();
    expect(await hub.ask(statusOf(upload, key))).toMatchObject(refused(404, 'HUB_UPLOAD_UNKNOWN'));
    expect(await hub.ask(begin(upload, key))).toMatchObject({ status: 200, body: { state: 'receiving', missing: [1, 2] } });
    expect(await hub.ask(page(upload, 2, key))).toMatchObject({ status: 200, body: { state: 'receiving', missing: [1] } });
    expect(await hub.ask(complete(upload, key))).toMatchObject({ body: { state: 'receiving', missing: [1] } });
    expect(hub.waited).toBe(0);
    expect(await hub.ask(page(upload, 1, key))).toMatchObject({ body: { state: 'receiving', missing: [] } });
    expect(await hub.ask(complete(upload, key))).toMatchObject({ status: 200, body: { state: 'waiting' } });
    expect(hub.waited).toBe(1);

    const [waiting] = await hub.inbox.waiting();
    expect(waiting).toMatchObject({
      organization: '4711',
      collector: 'acme-hq',
      collectorId: id,
      receivedAt: start,
      manifest: upload.manifest,
    });
    const mine = waiting === undefined ? null : await hub.inbox.claim(waiting);
    if (mine === null) throw new Error('nothing waits');
    const pages = [];
    for await (const each of pagesOf(mine)) pages.push(each.entries.length);
    expect(pages).toEqual([2, 1]);
    await hub.inbox.settle(mine, { state: 'landed' }, start);
    expect(await hub.ask(statusOf(upload, key))).toMatchObject({ body: { state: 'landed' } });
    expect(hub.tally).toMatchObject({ begun: 1, complete: 1 });
    expect(hub.tally.requests.get('done')).toBe(6);
    expect(hub.tally.requests.get('HUB_UPLOAD_UNKNOWN')).toBe(1);
  });

  it('H2 the same to the same request again', async () => {
    const { key } = await hub.join('acme-hq');
    const upload = sampleUpload();
    for (const request of [begin(upload, key), page(upload, 1, key), page(upload, 2, key), complete(upload, key)]) {
      const first = await hub.ask(request);
      expect(first.status).toBe(200);
      expect(await hub.ask(request)).toMatchObject({ status: 200, body: first.body });
    }
    expect(await hub.inbox.waiting()).toHaveLength(1);
  });

  it('H1 a manifest of as many pages as an upload may have', async () => {
    const { key } = await hub.join('acme-hq');
    const upload = sampleUpload({ users: 5_000, pageUsers: 5_000 });
    const pages = Array.from({ length: uploadLimits.pages }, (_, index) => index.toString(16).padStart(64, '0'));

    const answer = await hub.ask(begin({ ...upload, manifest: { ...upload.manifest, pages } }, key));

    expect(answer.status).toBe(200);
  });

  it('H3 a heartbeat, with what it wants of it', async () => {
    const spared = await openTestHub({ sparedFullReads: ({ name }) => (name === 'acme-hq' ? ['corp', 'not-yours'] : []) });
    const { key, id } = await spared.join('acme-hq');
    const ask = () => spared.ask({ method: 'POST', url: '/v1/heartbeat', headers: as(key), payload: beat({ clock: start + 5_000 }) });

    expect(await ask()).toMatchObject({ status: 200, body: { clock: start, sparedFullReads: ['corp'], rotateKey: false } });
    spared.now = start + 31 * day;
    expect(await ask()).toMatchObject({ body: { clock: spared.now, rotateKey: true } });
    expect(await spared.registry.collectors(null)).toMatchObject([
      { id, lastContactAt: spared.now, heartbeat: { facts: beat({ clock: start + 5_000 }) } },
    ]);
    await spared.close();
  });

  it('H3 with a new key, and the old one until that was used', async () => {
    const { key } = await hub.join('acme-hq');
    const rotated = await hub.ask({ method: 'POST', url: '/v1/key', headers: as(key) });
    const next = (rotated.body as { readonly key: string }).key;
    const beatBy = async (by: string) => (await hub.ask({ method: 'POST', url: '/v1/heartbeat', headers: as(by), payload: beat() })).status;

    expect(rotated.status).toBe(200);
    expect(await beatBy(key)).toBe(200);
    expect(await beatBy(next)).toBe(200);
    expect(await beatBy(key)).toBe(401);
  });

  it('H3 with a few new keys a minute and no more, whoever has stolen one', async () => {
    const { key } = await hub.join('acme-hq');
    const other = await hub.join('acme-annex');
    const rotate = async (by: string) => (await hub.ask({ method: 'POST', url: '/v1/key', headers: as(by) })).status;

    for (let times = 1; times <= usualHubLimits.collectorKeys; times += 1) expect(await rotate(key)).toBe(200);

    expect(await rotate(key)).toBe(429);
    expect(await rotate(other.key)).toBe(200);
  });

  it('with a description of all this, made from the routes', async () => {
    const { key } = await hub.join('acme-hq');
    const { status, body } = await hub.ask({ url: '/v1/openapi.json', headers: as(key) });
    const document = body as {
      openapi: string;
      paths: Record<string, Record<string, { security?: unknown; requestBody?: unknown }>>;
      components: { schemas: object };
    };

    expect(status).toBe(200);
    expect(document.openapi).toBe('3.1.0');
    expect(
      Object.entries(document.paths)
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
        .sort(),
    ).toEqual([
      'get /v1/hub',
      'get /v1/openapi.json',
      'get /v1/uploads/{uploadId}',
      'post /v1/enrolment',
      'post /v1/heartbeat',
      'post /v1/key',
      'post /v1/uploads/{uploadId}/complete',
      'put /v1/uploads/{uploadId}',
      'put /v1/uploads/{uploadId}/pages/{number}',
    ]);
    expect(document.paths['/v1/heartbeat']?.['post']).toMatchObject({ security: [{ key: [] }], requestBody: expect.any(Object) as object });
    expect(document.paths['/v1/hub']?.['get']).not.toHaveProperty('security');
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Refusal', 'UploadPage']));
  });
});

describe('the hub refuses, and nothing changes', () => {
  it.each(['', 'Bearer ', 'Bearer x', 'Basic cm9vdDpyb290', `Bearer rck1.${'0'.repeat(32)}.${'A'.repeat(43)}`, "Bearer ' or '1'='1"])(
    'H3 a request with the authorization "%s"',
    async (authorization) => {
      const upload = sampleUpload();
      for (const request of [begin(upload, ''), page(upload, 1, ''), complete(upload, ''), statusOf(upload, '')]) {
        const headers = { ...request.headers, authorization };
        const answer = await hub.ask({ ...request, headers });
        expect(answer).toMatchObject({ ...refused(401, 'HUB_KEY_REJECTED'), headers: { 'www-authenticate': 'Bearer' } });
      }
      expect(await hub.files()).toEqual([]);
    },
  );

  it('H3 a revoked collector, with its next request', async () => {
    const { key, id } = await hub.join('acme-hq');
    const upload = sampleUpload();
    await hub.ask(begin(upload, key));
    await hub.registry.revoke(id, 'account root', start);
    const before = await hub.files();

    for (const request of [begin(sampleUpload({ read: 9 }), key), page(upload, 1, key), complete(upload, key), statusOf(upload, key)]) {
      expect(await hub.ask(request)).toMatchObject(refused(401, 'HUB_COLLECTOR_REVOKED'));
    }
    expect(await hub.ask({ method: 'POST', url: '/v1/key', headers: as(key) })).toMatchObject(refused(401, 'HUB_COLLECTOR_REVOKED'));
    expect(await hub.files()).toEqual(before);
  });

  it('H3 a collector that asks for what is of another one', async () => {
    const acme = await hub.join('acme-hq');
    const beta = await hub.join('beta-hq', '4712');
    const upload = sampleUpload();
    await hub.ask(begin(upload, acme.key));
    const before = await hub.files();

    for (const request of [page(upload, 1, beta.key), complete(upload, beta.key), statusOf(upload, beta.key)]) {
      expect(await hub.ask(request)).toMatchObject(refused(404, 'HUB_UPLOAD_UNKNOWN'));
    }
    expect(await hub.files()).toEqual(before);
    const forged = { ...upload.manifest, organization: '4711', collector: 'acme-hq' };
    expect(await hub.ask({ ...begin(upload, beta.key), payload: forged })).toMatchObject(refused(400, 'HUB_MESSAGE_INVALID'));
    await hub.ask(begin(upload, beta.key));
    expect(await hub.ask(statusOf(upload, acme.key))).toMatchObject({ body: { state: 'receiving', missing: [1, 2] } });
  });

  it.each([
    ['none', undefined, 426],
    ['a later one', '2', 426],
    ['nonsense', '1x', 426],
    ['the right one', '1', 200],
  ] as const)('a request by its version of the protocol: %s', async (_words, version, status) => {
    const { key } = await hub.join('acme-hq');
    const { 'rollcall-protocol': _own, ...rest } = as(key);
    const headers = version === undefined ? rest : { ...rest, 'rollcall-protocol': version };

    const answer = await hub.ask({ method: 'POST', url: '/v1/heartbeat', headers, payload: beat() });

    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer).toMatchObject(refused(426, 'HUB_PROTOCOL_UNKNOWN'));
  });

  it('a manifest that does not fit together, or is another one under the id', async () => {
    const { key } = await hub.join('acme-hq');
    const upload = sampleUpload();
    const misfit = { ...upload, manifest: { ...upload.manifest, counts: { ...upload.manifest.counts, entries: 99 } } };

    expect(await hub.ask(begin(misfit, key))).toMatchObject(refused(400, 'HUB_UPLOAD_INVALID'));
    expect(await hub.files()).toEqual([]);
    await hub.ask(begin(upload, key));
    const forged = { ...upload, manifest: { ...upload.manifest, read: 8 } };
    expect(await hub.ask(begin(forged, key))).toMatchObject(refused(409, 'HUB_UPLOAD_CONFLICT'));
  });

  it('pages that are forged, truncated, too large, of another type, or out of their upload', async () => {
    const { key } = await hub.join('acme-hq');
    const upload = sampleUpload();
    await hub.ask(begin(upload, key));
    const before = await hub.files();
    const good = page(upload, 1, key);
    const body = upload.pages[0]?.body ?? Buffer.alloc(0);
    const bomb = gzipSync(Buffer.alloc(uploadLimits.pageTextBytes + 1));
    const cases = [
      [{ ...good, payload: gzipSync('{"entries":[],"absences":[],"logons":[]}') }, 400, 'HUB_UPLOAD_INVALID'],
      [{ ...good, payload: body.subarray(0, body.length - 5) }, 400, 'HUB_UPLOAD_INVALID'],
      [{ ...good, payload: Buffer.alloc(0) }, 400, 'HUB_UPLOAD_INVALID'],
      [{ ...good, payload: bomb }, 413, 'HUB_UPLOAD_TOO_LARGE'],
      [{ ...good, payload: Buffer.alloc(uploadLimits.pageBytes + 1) }, 413, 'HUB_UPLOAD_TOO_LARGE'],
      [page(upload, 1, key, { 'rollcall-page-sha256': 'f'.repeat(64) }), 400, 'HUB_UPLOAD_INVALID'],
      [page(upload, 1, key, { 'rollcall-page-sha256': '../../etc' }), 400, 'HUB_MESSAGE_INVALID'],
      [page(upload, 1, key, { 'content-encoding': 'identity' }), 400, 'HUB_MESSAGE_INVALID'],
      [page(upload, 3, key), 400, 'HUB_UPLOAD_INVALID'],
      [{ ...good, url: `/v1/uploads/${upload.id}/pages/0` }, 400, 'HUB_MESSAGE_INVALID'],
      [{ ...good, url: `/v1/uploads/${upload.id}/pages/1e3` }, 400, 'HUB_MESSAGE_INVALID'],
      [{ ...good, url: `/v1/uploads/..%2f..%2f/pages/1` }, 400, 'HUB_MESSAGE_INVALID'],
      [{ ...good, url: `/v1/uploads/${'f'.repeat(32)}/pages/1` }, 404, 'HUB_UPLOAD_UNKNOWN'],
    ] as const;
    for (const [request, status, code] of cases) expect(await hub.ask(request)).toMatchObject(refused(status, code));
    expect(await hub.files()).toEqual(before);
    expect(await hub.ask(statusOf(upload, key))).toMatchObject({ body: { state: 'receiving', missing: [1, 2] } });
  });

  it('a message of another type, a heartbeat with a word that is wrong', async () => {
    const { key } = await hub.join('acme-hq');
    const ask = (payload: string | object, type: string) =>
      hub.ask({ method: 'POST', url: '/v1/heartbeat', headers: as(key, { 'content-type': type }), payload });

    expect(await ask('<x/>', 'application/xml')).toMatchObject(refused(415, 'HUB_MESSAGE_INVALID'));
    expect(await ask(beat({ clock: 'now' }), 'application/json')).toMatchObject(refused(400, 'HUB_MESSAGE_INVALID'));
    expect(await hub.registry.collectors(null)).toMatchObject([{ heartbeat: null }]);
  });

  it('nothing that a newer collector tells besides, which is left aside', async () => {
    const { key } = await hub.join('acme-hq');

    expect(await hub.ask({ method: 'POST', url: '/v1/heartbeat', headers: as(key), payload: beat({ more: 1 }) })).toMatchObject({
      status: 200,
    });
    expect((await hub.registry.collectors(null))[0]?.heartbeat?.facts).not.toHaveProperty('more');
  });

  it('a collector that asks too often, and no other one', async () => {
    const narrow = await openTestHub({ limits: { ...usualHubLimits, collectorRequests: 3 } });
    const one = await narrow.join('one');
    const two = await narrow.join('two');
    const ask = async (key: string) => narrow.ask({ method: 'POST', url: '/v1/heartbeat', headers: as(key), payload: beat() });
    for (let each = 0; each < 3; each += 1) expect((await ask(one.key)).status).toBe(200);

    expect(await ask(one.key)).toMatchObject({ ...refused(429, 'HUB_BUSY'), headers: { 'retry-after': expect.any(String) as string } });
    expect((await ask(two.key)).status).toBe(200);
    await narrow.close();
  });

  it('an address that asks too often, before anything is looked up', async () => {
    const narrow = await openTestHub({ limits: { ...usualHubLimits, addressRequests: 2 } });
    const ask = (remoteAddress: string) => narrow.ask({ url: '/v1/hub', remoteAddress });
    await ask('192.0.2.1');
    await ask('192.0.2.1');

    expect(await ask('192.0.2.1')).toMatchObject(refused(429, 'HUB_BUSY'));
    expect((await ask('192.0.2.2')).status).toBe(200);
    await narrow.close();
  });

  it.each([
    ['HUB_NO_ROOM', new RollcallError('HUB_NO_ROOM', 'The disk of the hub is full.'), 507, 'HUB_NO_ROOM'],
    ['a store that fails', new RollcallError('STORE_UNUSABLE', 'The store /secret/path fails.'), 503, 'HUB_UNAVAILABLE'],
    ['a fault', new Error('secret words'), 500, 'INTERNAL'],
  ] as const)('with what it says of its own trouble: %s', async (_words, error, status, code) => {
    const ill = await openTestHub();
    const failing = await openTestHub({ inbox: { ...ill.inbox, begin: () => Promise.reject(error) } });
    const { key } = await failing.join('acme-hq');

    const answer = await failing.ask(begin(sampleUpload(), key));

    expect(answer).toMatchObject(refused(status, code));
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    if (status !== 500) expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    await failing.close();
    await ill.close();
  });

  it('and logs of strangers no more than 60 a minute', async () => {
    const told = () => hub.log.filter(({ level, message }) => level === 'info' && message === 'The hub refused a request').length;
    for (let each = 0; each < 70; each += 1) await hub.ask({ url: '/v1/nothing' });
    expect(told()).toBe(60);

    hub.now += 60_000;
    await hub.ask({ url: '/v1/nothing' });
    expect(told()).toBe(61);
  });

  it('and logs who was refused why, and nothing that was sent', async () => {
    const { key, id } = await hub.join('acme-hq');
    const upload = sampleUpload();
    await hub.ask(begin(upload, key));
    await hub.ask(page(upload, 1, key, { 'rollcall-page-sha256': 'f'.repeat(64) }));
    await hub.ask({ url: '/v1/hub?name=somebody@example.test' });
    await hub.ask({ url: '/somebody@example.test' });

    expect(hub.log.filter(({ level }) => level === 'info')).toEqual([
      {
        level: 'info',
        message: 'The hub refused a request',
        facts: { code: 'HUB_UPLOAD_INVALID', status: 400, route: '/v1/uploads/:uploadId/pages/:number', collectorId: id },
      },
      {
        level: 'info',
        message: 'The hub refused a request',
        facts: { code: 'HUB_MESSAGE_INVALID', status: 404, route: null, collectorId: null },
      },
    ]);
    expect(hub.log.filter(({ level }) => level === 'debug')).toHaveLength(4);
    const text = JSON.stringify(hub.log);
    for (const secret of [key, key.split('.')[2] ?? '', 'somebody', 'First0', upload.id]) expect(text).not.toContain(secret);
  });
});
