import type { Organization } from '../../core/model/contact.ts';
import type { Psa } from '../../core/ports/psa.ts';
import { bmsProducts } from '../psa/bms/products.ts';
import { webAddressProblem } from './answer-problems.ts';
import type { PsaAnswers, SecretAnswer } from './answers.ts';
import type { PsaSignIn } from './edges.ts';
import type { InitPsaType } from './given.ts';
import { givenSecret, type InitContext, isCode, missing, mostTries, tryAgain, typedSecret } from './init-context.ts';
import { chooseCompany } from './psa-company-step.ts';
import { chooseTypes } from './psa-types-step.ts';

type Type = Exclude<InitPsaType, 'none'>;

/** The vendor's page "BMS REST APIs v2". */
const bmsRegions = [
  { value: '', label: 'United States', hint: 'api.bms.kaseya.com' },
  { value: 'https://api.bmsemea.kaseya.com', label: 'Europe, Middle East, Africa', hint: 'api.bmsemea.kaseya.com' },
  { value: 'https://api.bmsapac.kaseya.com', label: 'Asia, Pacific', hint: 'api.bmsapac.kaseya.com' },
] as const;
const elsewhere = 'other';

/** The PSA, signed in to, with the customer's company and the types to write; `null`: without a PSA. */
export async function choosePsa(context: InitContext, organization: Organization): Promise<PsaAnswers | null> {
  const type = await chooseType(context);
  if (type === 'none') return null;
  const { displayName } = bmsProducts[type];
  const baseUrl = await chooseAddress(context, type);
  const { psa, account, password } = await signIn(context, { type, baseUrl });
  const company = await chooseCompany(context, psa, organization);
  const types = await chooseTypes(context, psa, company);
  return { type, displayName, baseUrl, ...account, password, company, ...types };
}

async function chooseType({ given, dialogue }: InitContext): Promise<InitPsaType> {
  if (given.psaType !== undefined) return given.psaType;
  if (!dialogue.attended) throw missing('--psa-type', 'bms, vorex, pulseway or none');
  const chosen = await dialogue.choose({
    message: 'Which PSA do contacts go to?',
    choices: [
      { value: 'bms', label: 'Kaseya BMS' },
      { value: 'vorex', label: 'Vorex' },
      { value: 'pulseway', label: 'Pulseway PSA' },
      { value: 'none', label: 'None: IT Glue only', hint: 'ConnectWise and Autotask come later' },
    ],
    initial: 'bms',
  });
  return chosen === 'bms' || chosen === 'vorex' || chosen === 'pulseway' ? chosen : 'none';
}

async function chooseAddress({ given, dialogue }: InitContext, type: Type): Promise<string> {
  if (given.psaUrl !== undefined) return given.psaUrl;
  if (!dialogue.attended || type !== 'bms') return '';
  const chosen = await dialogue.choose({
    message: 'Where is your BMS?',
    choices: [...bmsRegions, { value: elsewhere, label: 'Another address' }],
    initial: '',
  });
  if (chosen !== elsewhere) return chosen;
  return dialogue.text({
    message: 'Address of its API, like https://api.bms.kaseya.com',
    problem: (text) => (text === '' ? 'an address' : webAddressProblem(text)),
  });
}

interface Account {
  readonly userName: string;
  readonly tenant: string;
}

async function signIn(
  context: InitContext,
  place: { readonly type: Type; readonly baseUrl: string },
): Promise<{ readonly psa: Psa; readonly account: Account; readonly password: SecretAnswer }> {
  const { given, dialogue } = context;
  const refused = new Map<string, number>();
  let known: Partial<Account> = {
    ...(given.psaTenant === undefined ? {} : { tenant: given.psaTenant }),
    ...(given.psaUser === undefined ? {} : { userName: given.psaUser }),
  };
  let suggested: Partial<Account> = {};
  let source = given.psaPassword;
  let kept: SecretAnswer | null = null;
  for (;;) {
    const tenant = known.tenant ?? (await askTenant(context, suggested.tenant ?? ''));
    const userName = known.userName ?? (await askUser(context, suggested.userName ?? ''));
    const tries = refused.get(userName.toLowerCase()) ?? 0;
    if (tries >= mostTries) {
      dialogue.warn(`${userName} was refused ${mostTries} times; once more could lock it. Use another one, or stop with Ctrl-C.`);
      known = {};
      continue;
    }
    if (tries === mostTries - 1) dialogue.warn('The next password is the last that is tried for this user: one more could lock it.');
    const password: SecretAnswer =
      kept ??
      (source === undefined
        ? await askPassword(context, userName)
        : await givenSecret(context, source, { option: '--psa-password-from', name: 'psaPassword' }));
    kept = null;
    const account = { userName, tenant };
    try {
      return { psa: await tested(context, { ...place, ...account, password: password.value }), account, password };
    } catch (error) {
      if (!isCode(error, 'PSA_CREDENTIALS_REJECTED') || !dialogue.attended) {
        await tryAgain(context, error);
        known = account;
        kept = password;
        continue;
      }
      dialogue.objection(error);
      refused.set(userName.toLowerCase(), tries + 1);
      known = {};
      suggested = account;
      source = undefined;
    }
  }
}

async function tested({ dialogue, edges }: InitContext, signIn: PsaSignIn): Promise<Psa> {
  const psa = edges.psa(signIn);
  await dialogue.work(
    `Signing in to ${psa.displayName} as ${signIn.userName}`,
    () => psa.check(),
    ({ facts }) => `Signed in to ${psa.displayName}${facts['business'] === undefined ? '' : ` (${facts['business']})`}`,
  );
  return psa;
}

function askTenant({ dialogue }: InitContext, initial: string): Promise<string> {
  if (!dialogue.attended) throw missing('--psa-tenant', 'the company name at sign-in');
  return dialogue.text({
    message: 'Company name that you sign in with (the tenant)',
    initial,
    problem: (text) => (text === '' ? 'It stands under My Settings in the PSA.' : null),
  });
}

function askUser({ dialogue }: InitContext, initial: string): Promise<string> {
  if (!dialogue.attended) throw missing('--psa-user', 'the API employee');
  return dialogue.text({
    message: 'User name of the API employee',
    initial,
    problem: (text) => (text === '' ? 'An employee of the kind API Employee: no licence, no second factor.' : null),
  });
}

function askPassword(context: InitContext, userName: string): Promise<SecretAnswer> {
  if (!context.dialogue.attended) throw missing('--psa-password-from', 'the password of the API employee');
  return typedSecret(context, `Password of ${userName}`);
}
