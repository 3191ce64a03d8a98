import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Called } from '../sandbox/call.ts';
import { call, dig } from '../sandbox/call.ts';
import type { ConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import { startConnectWiseSandbox } from '../sandbox/connectwise/connectwise-sandbox.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { connectWiseForOwnSync } from '../sandbox/it-glue/own-sync-connectwise.ts';

const adapterName = 'ConnectWise Manage';

let connectWise: ConnectWiseSandbox;
let itGlue: ItGlueSandbox;

beforeEach(async () => {
  connectWise = await startConnectWiseSandbox();
  itGlue = await startItGlueSandbox({
    psa: connectWiseForOwnSync(connectWise),
    switches: { ownPush: true, ownPushTypes: { email: 'Email', phone: 'Direct' } },
  });
  connectWise.data.addCompany({ id: 250, name: 'Northwind Dental' });
  connectWise.data.addSite({ id: 601, companyId: 250, name: 'Main Street', primary: true });
  connectWise.data.addSite({ id: 602, companyId: 250, name: 'East Side' });
  itGlue.data.addOrganization({ id: '5', name: 'Northwind Dental', adapters: [{ adapterName, remoteId: '250' }] });
  itGlue.data.addLocation({ id: '51', organizationId: '5', name: 'East Side', adapters: [{ adapterName, remoteId: '602' }] });
});

afterEach(async () => {
  await itGlue.stop();
  await connectWise.stop();
});

function create(change: Record<string, unknown> = {}): Promise<Called> {
  const attributes = {
    'organization-id': 5,
    'location-id': 51,
    'first-name': 'Ann',
    'last-name': 'Bell',
    'contact-emails': [{ value: 'ann@northwind.example.test', primary: true, 'label-name': 'Work' }],
    'contact-phones': [{ value: '4155550123', primary: true, 'label-name': 'Work' }],
    ...change,
  };
  return call('POST', `${itGlue.url}/contacts`, {
    headers: { 'x-api-key': itGlue.apiKey, 'content-type': 'application/vnd.api+json' },
    body: { data: { type: 'contacts', attributes } },
  });
}

describe("IT Glue's own sync with ConnectWise", () => {
  it('P10 pushes a contact that the API made, once, with the chosen types, and links it', async () => {
    const id = String(dig((await create()).json, 'data', 'id'));
    const pushed = [itGlue.runOwnPush(), itGlue.runOwnPush()];
    const [remote] = connectWise.data.contactsOf(250);

    expect(pushed).toEqual([[id], []]);
    expect(remote).toMatchObject({
      siteId: 602,
      firstName: 'Ann',
      items: [
        { kind: 'Email', typeId: 1, value: 'ann@northwind.example.test', isDefault: true },
        { kind: 'Phone', typeId: 2, value: '4155550123', isDefault: true },
      ],
    });
    expect(itGlue.data.contact(id).adapters).toMatchObject([{ adapterName, remoteId: String(remote?.id), sync: true }]);
  });

  it('P1 P6 pushes without e-mail and phone when there are none or no type is chosen, and without a location', async () => {
    itGlue.switches.ownPushTypes = { email: null, phone: 'Direct' };
    await create({ 'location-id': null, 'contact-phones': [] });
    itGlue.runOwnPush();

    expect(connectWise.data.contactsOf(250)).toMatchObject([{ siteId: 601, items: [] }]);
  });

  it('P1 does not push a contact without a first name', async () => {
    await create({ 'first-name': '' });

    expect(itGlue.runOwnPush()).toEqual([]);
    expect(connectWise.data.contacts.size).toBe(0);
  });

  it('P9 pushes a later change to the linked contact', async () => {
    const id = String(dig((await create()).json, 'data', 'id'));
    itGlue.runOwnPush();
    Object.assign(itGlue.data.contact(id), { title: 'Owner', waitsForOwnPush: true });
    itGlue.runOwnPush();

    expect(connectWise.data.contactsOf(250)).toMatchObject([{ title: 'Owner', siteId: 602 }]);
  });

  it('P9 pulls: links by exact name, else makes a second contact; the PSA wins', () => {
    const twin = itGlue.data.addContact({ organizationId: '5', firstName: 'Ann', lastName: 'Bell', title: 'Old' });
    const { data } = connectWise;
    const ann = data.addContact({
      companyId: 250,
      firstName: 'Ann',
      lastName: 'Bell',
      title: 'Dentist',
      emails: [{ value: 'ann@northwind.example.test' }],
      phones: [
        { value: '(415) 555-0123', extension: '12' },
        { value: '4155550199', type: 'Fax' },
      ],
    });
    data.addContact({ companyId: 250, firstName: 'Robert', lastName: 'Cole' });
    const first = itGlue.runOwnPull();
    const second = itGlue.runOwnPull();
    data.updateContact(ann.id, { title: 'Owner' });
    const third = itGlue.runOwnPull();

    expect(first).toHaveLength(2);
    expect([second, third]).toEqual([[], [twin.id]]);
    expect(itGlue.data.contact(twin.id)).toMatchObject({
      title: 'Owner',
      emails: [{ value: 'ann@northwind.example.test', primary: true, labelName: 'Email' }],
      phones: [
        { value: '4155550123', extension: '12', primary: true, labelName: 'Direct' },
        { value: '4155550199', primary: false, labelName: 'Fax' },
      ],
    });
  });
});
