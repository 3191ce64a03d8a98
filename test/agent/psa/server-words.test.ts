import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../agent/http/http-client.ts';
import { redactText, textsOf, withoutSent } from '../../../agent/psa/redaction.ts';
import type { PsaContactInput } from '../../../core/model/psa-contact.ts';
import type { Psa } from '../../../core/ports/psa.ts';
import { errorOf, makeAutotask } from './autotask/make-autotask.ts';
import { answer } from './bms/fake-http.ts';
import { makeBms } from './bms/make-bms.ts';
import { makeConnectWise } from './connectwise/make-connectwise.ts';

type Asked = Pick<Psa, 'createContact' | 'findContacts'>;
type Made = (reply: HttpResult) => { readonly psa: Asked; readonly sent: () => number };

/** How each is made over one answer to everything, and how its vendor refuses a request. */
const adapters: readonly (readonly [string, Made, (words: string) => HttpResult])[] = [
  [
    'BMS',
    (reply) => {
      const { psa, http } = makeBms(() => reply);
      return { psa, sent: () => http.calls.length };
    },
    (message) => answer({ success: false, error: { code: 0, message } }),
  ],
  [
    'ConnectWise',
    (reply) => {
      const { psa, http } = makeConnectWise(() => reply);
      return { psa, sent: () => http.seen.filter(({ method }) => method === 'POST').length };
    },
    (message) => answer({ code: 'InvalidObject', message, errors: [{ code: 'InvalidField', message }] }, 400),
  ],
  [
    'Autotask',
    (reply) => {
      const { psa, http } = makeAutotask(({ path, body }) => {
        if (!/Contacts(\/query)?$/.test(path)) return undefined;
        // How texts are compared is learned first.
        return body?.includes('emailAddress') === true && !body.includes('Zoë') ? someone : reply;
      });
      return { psa, sent: () => http.seen.filter(({ path }) => path.endsWith('/Contacts')).length };
    },
    (message) => answer({ errors: [message] }, 500),
  ],
];

const someone = answer({ items: [{ id: 1, emailAddress: 'a@b.test' }], pageDetails: {} });

const person: PsaContactInput = {
  companyId: '250',
  locationId: '11',
  firstName: 'Zoë',
  lastName: "O'Neil-Özil",
  title: 'Head of Sales',
  emails: [],
  phones: [],
  contactTypeId: null,
  externalKey: null,
};

describe.each(adapters)('what %s says of a request', (_name, make, refusing) => {
  it('is told without what was sent, which is personal', async () => {
    const words = "The lastName O'Neil-Özil of Zoë is taken. Could not convert string to integer: Zoë";
    const outcome = await make(refusing(words)).psa.createContact(person);

    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('The lastName … of … is taken') });
    expect(JSON.stringify(outcome)).not.toMatch(/Zoë|Neil|Özil/);
  });

  it('is told without what was searched for', async () => {
    const search = { emails: [], firstName: 'Zoë', lastName: "O'Neil-Özil" };
    const error = await errorOf(make(refusing("No way to look for Zoë O'Neil-Özil")).psa.findContacts('250', search));

    expect(error?.message).toContain('No way to look for … …');
  });

  it.each(['Too many requests', 'Token expired', 'Not authorized', 'Thread threshold', 'Accept header', 'Not found'])(
    'A2 means the same whatever the contact is called: %s',
    async (lastName) => {
      const { psa, sent } = make(refusing(`The name "${lastName}" is not valid`));

      expect((await psa.createContact({ ...person, lastName })).kind).toBe('refused');
      expect(sent()).toBe(1);
    },
  );

  it('is no record that came cut off or in another form', async () => {
    const error = await errorOf(
      make(answer('[{"firstName":"Grace","lastName":"Hopper"')).psa.findContacts('250', { ...person, emails: [] }),
    );

    expect(error?.code).toBe('PSA_ANSWER_INVALID');
    expect(error?.message).not.toMatch(/Grace|Hopper/);
  });
});

it('A2 BMS: a server that fails with a limit in its words may have carried a write out, which is not sent again', async () => {
  const { psa, http } = makeBms(() => answer('upstream: too many requests', 503));

  expect((await psa.createContact(person)).kind).toBe('unknown');
  expect(http.calls).toHaveLength(1);
});

describe("the server's words", () => {
  it('are short and on one line, without control characters that a terminal obeys', () => {
    expect(redactText('no\u001b[2J\r\n\u0007way\u009b31m', [])).toBe('no [2J way 31m');
    expect(redactText('word '.repeat(1_000), []).length).toBeLessThanOrEqual(200);
  });

  it.each(['a', '1 ', 'token ', '(', 'a.', '@'])('are looked at quickly, however long: %j', (piece) => {
    const endless = piece.repeat(8_000_000 / piece.length);
    const startedAt = performance.now();
    redactText(withoutSent(endless, ['a', 'token']), ['token']);
    redactText(endless, ['token']);

    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('lose what was sent as a word, not parts of other words; protocol words stay', () => {
    const sent = textsOf({
      op: 'replace',
      path: '/title',
      value: 'Al',
      items: [{ communicationType: 'Email', value: 'Ann Lee' }, 7, null],
    });

    expect(sent).toEqual(['Ann Lee', 'Al']);
    expect(withoutSent('Also Al, (Al) and Ann Lee’s Email are Allowed to replace', sent)).toBe(
      'Also …, (…) and …’s Email are Allowed to replace',
    );
  });

  it('never keep a sent text that stands alone', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 2, maxLength: 20 }), fc.string({ maxLength: 40 }), (name, around) => {
        const [text] = textsOf({ name });
        fc.pre(text !== undefined);
        const said = withoutSent(`${around}\n«${text}» ${around}`, textsOf({ name }));
        expect(said).not.toContain(`«${text}»`);
      }),
    );
  });
});
