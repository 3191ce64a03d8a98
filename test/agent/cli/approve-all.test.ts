import { describe, expect, it } from 'vitest';
import type { CommandContext, View } from '../../../agent/cli/answer.ts';
import { approveAll } from '../../../agent/cli/commands/approve-all.ts';
import type { StatusDocument, SyncDocument } from '../../../agent/cli/documents.ts';
import type { ApproveAllDocument } from '../../../agent/cli/documents-approve.ts';
import { createStyle } from '../../../agent/cli/terminal/style.ts';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { fakeOperations } from './fake-operations.ts';
import * as samples from './samples.ts';

const view: View = {
  style: createStyle(false),
  width: 200,
  isTerminal: false,
  now: Date.parse('2026-11-22T09:00:00Z'),
  sameOptions: ' --config c.json',
};

type Held = StatusDocument['held'][number];

function plan(organization: string, change: Partial<Held> = {}): Held {
  return {
    organization,
    reason: 'create',
    hash: `hash-${organization}`,
    since: '2026-11-21T08:00:00.000Z',
    guards: samples.guards,
    ...change,
  };
}

/** Gives the command with these plans held, where some of the approvals end otherwise. */
async function run(
  held: readonly Held[],
  {
    ends = {},
    yes = false,
    agrees = true,
  }: { ends?: Readonly<Record<string, ErrorCode | Partial<SyncDocument>>>; yes?: boolean; agrees?: boolean } = {},
) {
  const approved: string[] = [];
  const asked: { readonly shown: string; readonly question: string }[] = [];
  const operations = fakeOperations({
    status: () => Promise.resolve(samples.statusDocument({ held })),
    approve: ({ organization, hash }) => {
      approved.push(`${organization} ${hash}`);
      const end = ends[organization ?? ''] ?? {};
      if (typeof end === 'string') return Promise.reject(new RollcallError(end, 'It went wrong.'));
      return Promise.resolve(samples.syncDocument({ organization: organization ?? '', ...end }));
    },
  });
  const context: CommandContext = {
    operations,
    organization: null,
    view,
    ask: (shown, question) => {
      asked.push({ shown, question });
      return Promise.resolve(agrees);
    },
  };
  const { document, text, exit } = await approveAll(context, { yes });
  return { document: document as ApproveAllDocument, text: text(view), exit, approved, asked };
}

describe('approve --all', () => {
  it('A3 shows every held plan, the newest first, with reason and counts, and asks once', async () => {
    const older = plan('4712', { since: '2026-11-19T08:00:00.000Z', reason: 'onboarding' });
    const { asked, approved, exit, document } = await run([older, plan('4711')]);

    expect(asked.map(({ question }) => question)).toEqual(['Approve 2 held plans?']);
    const shown = asked[0]?.shown ?? '';
    expect(shown).toMatch(
      /Acme Corporation \(4711\) .*create .*create 30 \(limit 25\), update 3.* hash-4711\n.*4712 .*onboarding .*hash-4712/u,
    );
    expect(shown).toContain('rollcall plan --no-scan --organization ID --config c.json');
    expect(approved).toEqual(['4711 hash-4711', '4712 hash-4712']);
    expect(exit).toBe(0);
    expect(document).toMatchObject({
      declined: false,
      leftOut: [],
      approvals: [{ organization: '4711', error: null }, { organization: '4712' }],
    });
  });

  it('cuts no plan off that it asks about', async () => {
    const { asked } = await run(Array.from({ length: 300 }, (_, index) => plan(String(5_000 + index))));
    expect(asked[0]?.shown.match(/hash-5\d{3}/gu)).toHaveLength(300);
  });

  it('does nothing when the answer is no, and asks nobody with --yes', async () => {
    const declined = await run([plan('4711')], { agrees: false });
    expect(declined).toMatchObject({ approved: [], exit: 0, document: { declined: true, approvals: [] } });
    expect(declined.text).toContain('Nothing was approved.');
    expect(await run([plan('4711')], { yes: true })).toMatchObject({ approved: ['4711 hash-4711'], asked: [] });
  });

  it('goes on after one that fails, and says by its exit code that it is partly done', async () => {
    const held = ['1', '2', '3'].map((organization) => plan(organization));
    const { approved, exit, text, document } = await run(held, { ends: { 2: 'PLAN_NOT_HELD' } });
    expect(approved).toHaveLength(3);
    expect(exit).toBe(3);
    expect(text).toMatch(/Organization 2\n.*It went wrong/u);
    expect(document.approvals[1]).toMatchObject({ result: null, error: { code: 'PLAN_NOT_HELD' } });

    expect((await run(held, { ends: { 2: { failed: [samples.failedItem] } } })).exit).toBe(3);
    expect((await run(held, { ends: { 1: 'ITGLUE_UNREACHABLE', 2: 'ITGLUE_UNREACHABLE', 3: 'ITGLUE_UNREACHABLE' } })).exit).toBe(1);
  });

  it.each<[string, ErrorCode | Partial<SyncDocument>]>([
    ['by what it answers', { interrupted: true }],
    ['by an error', 'INTERRUPTED'],
  ])('A2 begins no other once it was interrupted, told %s', async (_how, end) => {
    const { approved, exit, text } = await run([plan('1'), plan('2'), plan('3')], { ends: { 2: end } });
    expect(approved).toHaveLength(2);
    expect(exit).toBe(130);
    expect(text).toContain('1 plan stayed held: the command was interrupted.');
  });

  it('H1 is for the hub to carry out, and says so at a collector', async () => {
    const hub = {
      url: 'https://hub.example.test',
      joined: null,
      trust: 'pinned key',
      lastContactAt: null,
      clockDifferenceMs: null,
      waiting: [],
    };
    const operations = fakeOperations({ status: () => Promise.resolve({ ...samples.statusDocument({ held: [] }), hub }) });
    const ask = () => Promise.resolve(true);

    await expect(approveAll({ operations, organization: null, view, ask }, { yes: true })).rejects.toMatchObject({
      code: 'HUB_DECIDES',
      place: { hub: 'https://hub.example.test' },
    });
  });

  it('P10 leaves a plan out that a second push holds', async () => {
    const canary = plan('4712', { reason: 'create, PSA_DOUBLE_PUSH' });
    const both = await run([plan('4711'), canary]);
    expect(both).toMatchObject({ approved: ['4711 hash-4711'], exit: 4, document: { leftOut: [{ organization: '4712' }] } });
    expect(both.text).toMatch(/Left out {2}organization 4712 .*rollcall approve hash-4712 --config c\.json/u);
    const alone = await run([canary]);
    expect(alone).toMatchObject({ approved: [], asked: [], exit: 4 });
    expect(await run([])).toMatchObject({ approved: [], asked: [], exit: 0, text: expect.stringContaining('No plan is held') as string });
  });

  it('hides no fault of its own behind the others', async () => {
    const operations = fakeOperations({
      status: () => Promise.resolve(samples.statusDocument({ held: [plan('4711'), plan('4712')] })),
      approve: () => Promise.reject(new TypeError('x is not a function')),
    });
    const context: CommandContext = { operations, organization: null, view, ask: () => Promise.resolve(true) };
    await expect(approveAll(context, { yes: true })).rejects.toThrow(TypeError);
  });
});
