import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideNotifications } from '../../../agent/notify/decide.ts';
import { emptyMemory } from '../../../agent/notify/memory.ts';
import type { Notice, NotifiableProblem } from '../../../agent/notify/notice.ts';
import { type OutgoingMessage, outgoingMessage, testMessage } from '../../../agent/notify/outgoing.ts';
import { createWorld, day, hour, minute, problem, start } from './notify-world.ts';

const failed = problem({
  code: 'ITGLUE_KEY_REJECTED',
  severity: 'failed',
  message: 'The last sync failed: IT Glue refused the API key.',
  hint: 'Check the API key.',
  since: '2026-11-22T06:30:00.000Z',
});
const held = problem({
  code: 'PLAN_HELD',
  message: 'A plan is held (onboarding).',
  hint: 'Look at it with "rollcall plan --no-scan"; then "rollcall approve a1b2" or "rollcall reject a1b2".',
  place: { hash: 'a1b2' },
});

function words(
  notice: Notice | undefined,
  problems: readonly NotifiableProblem[],
  redact = (text: string): string => text,
): OutgoingMessage {
  if (notice === undefined) throw new Error('nothing was told');
  return outgoingMessage(notice, { collector: 'acme-hq', problems, redact });
}

function told(...problems: readonly NotifiableProblem[]): OutgoingMessage {
  const { memory } = decideNotifications(emptyMemory, problems, start);
  return words(decideNotifications(memory, problems, start + hour).notices[0], problems);
}

describe('a message', () => {
  it('says what, where, since when and what next', () => {
    const { subject, document } = told(failed);

    expect(subject).toBe('[rollcall acme-hq] failed: The last sync failed: IT Glue refused the API key.');
    expect(document.text).toBe(
      [
        subject,
        '- The last sync failed: IT Glue refused the API key. (organization 4711, ITGLUE_KEY_REJECTED, since 2026-11-22 06:30 UTC)',
        '  Next: Check the API key.',
      ].join('\n'),
    );
    expect(document).toMatchObject({
      formatVersion: 1,
      event: 'problem',
      collector: 'acme-hq',
      health: 'failed',
      problems: [
        {
          code: 'ITGLUE_KEY_REJECTED',
          organization: '4711',
          part: null,
          severity: 'failed',
          since: '2026-11-22T06:30:00.000Z',
          hash: null,
        },
      ],
    });
  });

  it('about a held plan tells the commands to look, approve and reject', () => {
    const { subject, document } = told(held);

    expect(subject).toBe('[rollcall acme-hq] a plan waits for you: A plan is held (onboarding).');
    expect(document.text.split('\n').slice(2)).toEqual([
      '  Look: rollcall plan --no-scan --organization 4711',
      '  Let it through: rollcall approve a1b2',
      '  Drop it: rollcall reject a1b2',
    ]);
    expect(document.problems[0]?.hash).toBe('a1b2');
  });

  it('about many shows ten and counts the rest; the document has all', () => {
    const many = Array.from({ length: 25 }, (_, index) => problem({ code: `C${index}`, message: `Problem ${index}.` }));
    const { subject, document } = told(...many);

    expect(subject).toBe('[rollcall acme-hq] degraded: Problem 0. (and 24 more)');
    expect(document.text).toContain('… and 15 more: "rollcall status"');
    expect(document.text.match(/^- /gmu)).toHaveLength(10);
    expect(document.problems).toHaveLength(25);
  });

  it('that something is over says what the health is now, and follows the first message', () => {
    const world = createWorld().report(failed, held).pass(hour).report(held).pass(hour);
    const partly = words(world.sent.at(-1), [held]);
    const wholly = words(world.sent.at(-1), []);

    expect(partly.subject).toBe('[rollcall acme-hq] degraded; over: The last sync failed: IT Glue refused the API key.');
    expect(partly.document.text).toContain('Other problems remain');
    expect(wholly.subject).toBe('[rollcall acme-hq] healthy again: over: The last sync failed: IT Glue refused the API key.');
    expect(wholly.document).toMatchObject({ event: 'recovered', health: 'healthy' });
    expect(wholly.threads).toEqual([world.sent.find(({ event }) => event === 'problem')?.id]);
  });

  it('that reminds, or is about something worse, says so', () => {
    const world = createWorld()
      .report(problem())
      .pass(day + hour);
    const worse = { ...problem(), severity: 'failed' as const };
    world.report(worse).pass(hour);

    expect(words(world.sent[1], [problem()]).subject).toBe('[rollcall acme-hq] still degraded: Something is wrong.');
    expect(words(world.sent[2], [worse]).document.text).toContain('- Worse: Something is wrong.');
  });

  it('that is the last of its hour says until when it is quiet', () => {
    const { memory } = decideNotifications(
      { ...emptyMemory, sentAt: [1, 2, 3, 4, 5].map((back) => start - back * minute) },
      [held],
      start - 1,
    );
    const [notice] = decideNotifications(memory, [held], start).notices;

    expect(words(notice, [held]).document.text).toMatch(
      /Many messages in one hour: what follows comes in one after 2026-11-22 08:55 UTC\.$/u,
    );
  });

  it('names no person, carries no secret, and commands no terminal or mail server', () => {
    const nasty = problem({
      message: 'Refused nora.linden@corp.test: \u001b[31mcanary\r\nBcc: all@corp.test\u2028',
      hint: 'Ask "Nora" <nora@corp.test>.',
      place: { server: 'ldaps://dc1.corp.test', directory: 'svc@corp.test' },
    });
    const [notice] = decideNotifications(decideNotifications(emptyMemory, [nasty], start).memory, [nasty], start + hour).notices;
    const message = words(notice, [nasty], (text) => text.replaceAll('canary', '<redacted>'));
    const all = JSON.stringify([message.subject, message.document.text, message.document.problems]);

    for (const part of ['@', 'canary', '\u001b', '\\u001b', '\u2028', String.raw`\r`]) expect(all).not.toContain(part);
    expect(message.subject).not.toMatch(/[\r\n]/u);
    expect(message.document.problems[0]).toMatchObject({ part: '<address>, ldaps://dc1.corp.test' });
  });

  it('is well formed and bounded whatever a problem says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.string({ unit: 'binary', maxLength: 50 }), (text, collector) => {
        const found = problem({ message: text, hint: text });
        const [notice] = decideNotifications(decideNotifications(emptyMemory, [found], start).memory, [found], start + hour).notices;
        if (notice === undefined) throw new Error('nothing was told');
        const { subject, document } = outgoingMessage(notice, { collector, problems: [found], redact: (value) => value });

        expect(subject.length).toBeLessThanOrEqual(110);
        expect(subject.isWellFormed()).toBe(true);
        expect(subject).not.toMatch(/[\r\n\0]/u);
        expect(document.text.length).toBeLessThan(2_500);
      }),
    );
  });

  it('of the test says that it is one', () => {
    expect(testMessage('t1', 'acme-hq')).toMatchObject({
      subject: '[rollcall acme-hq] test',
      document: { event: 'test', id: 't1', problems: [] },
    });
  });
});
