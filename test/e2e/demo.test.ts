import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { losses, newDuplicates, strayCases, takeInventory } from '../demo/claims.ts';
import { startSampleBms } from '../demo/sample-bms.ts';
import { sampleCases } from '../demo/sample-cases.ts';
import { company, fillItGlue } from '../demo/sample-company.ts';
import { partFor } from '../integration/real-parts.ts';
import { startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { expectWholeStory, play } from './played-demo.ts';

const samba = partFor('the demo with a real domain controller', 'samba');

async function filled() {
  const psa = await startSampleBms(0);
  const itGlue = await startItGlueSandbox();
  fillItGlue(itGlue, psa.ownSync.adapterName);
  return {
    psa,
    bms: psa.sandbox,
    itGlue,
    async [Symbol.asyncDispose]() {
      await Promise.all([psa.stop(), itGlue.stop()]);
    },
  };
}

describe('the demo', () => {
  it('plays the whole job, from validate to undo, and finds its own claims true', async () => {
    const played = await play([], { NO_COLOR: '1', FORCE_COLOR: undefined });

    expectWholeStory(played, sampleCases.length);
    // oxlint-disable-next-line no-control-regex -- colours are what must not be there
    expect(played.stdout).not.toMatch(/\u001B/);
    const folder = /Folder (\S+)\. Every command/.exec(played.stdout)?.[1] ?? '';
    expect(folder).toContain('rollcall-demo-');
    expect(existsSync(folder)).toBe(false);
  });

  it('knows no other PSA', async () => {
    expect(await play(['--psa', 'tigerpaw'])).toEqual({ exit: 2, stdout: '', stderr: '--psa: one of bms, connectwise, autotask.\n' });
  });

  it('says how to install Samba and ends with 2 when it is asked for and missing', async () => {
    const { exit, stdout, stderr } = await play(['--ad'], { PATH: dirname(process.execPath) });

    expect(exit).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/needs Samba AD: /);
  });
});

describe("the demo's own claims", () => {
  it('notice an address that came to stand on a second contact, in IT Glue and in BMS', async () => {
    await using sandboxes = await filled();
    const before = takeInventory(sandboxes);

    sandboxes.itGlue.data.addContact({ organizationId: company.organizationId, emails: [{ value: 'NORA.Linden@larkfield.example.test' }] });
    const [linked] = sandboxes.bms.data.contacts.values();
    sandboxes.bms.data.addContact({
      accountId: company.psaCompanyId,
      locationId: 601,
      firstName: 'Twin',
      emails: [{ emailAddress: linked!.emails[0]!.emailAddress }],
    });

    expect(newDuplicates(before, before)).toEqual([]);
    expect(newDuplicates(before, takeInventory(sandboxes))).toEqual([
      'IT Glue: nora.linden@larkfield.example.test',
      `BMS: ${linked!.emails[0]!.emailAddress}`,
    ]);
  });

  it('notice a lost contact, a replaced title and a lost address, but not what a person deleted', async () => {
    await using sandboxes = await filled();
    const { data } = sandboxes.itGlue;
    const before = takeInventory(sandboxes);
    const [first, second, third, fourth] = [...data.contacts.values()].filter((each) => each.title !== null && each.emails.length > 0);

    data.deleteContact(first!.id);
    data.updateContact(second!.id, { title: 'Something else' });
    data.updateContact(third!.id, { emails: [] });
    data.deleteContact(fourth!.id);

    const lost = losses(before, takeInventory(sandboxes), new Set([fourth!.id]));
    expect(lost.toSorted()).toEqual(
      [
        `contact ${first!.id}`,
        `title of contact ${second!.id}`,
        `${before.contacts.get(third!.id)!.emails[0]!.value} of contact ${third!.id}`,
      ].toSorted(),
    );
  });

  it('notice a case that came out otherwise than its table says', () => {
    expect(strayCases(sampleCases, [], (account) => account)).toHaveLength(
      sampleCases.filter((each) => each.comesOut.state !== 'left out').flatMap((each) => each.people).length,
    );
  });
});

describe.skipIf(samba.isMissing)(samba.title, () => {
  it('plays the whole job with users read over LDAPS', async () => {
    const cases = sampleCases.filter((each) => each.onlyInExport !== true).length;

    expectWholeStory(await play(['--ad'], { NO_COLOR: '1', FORCE_COLOR: undefined }), cases);
  });
});
