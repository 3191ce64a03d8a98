import { RollcallError } from '../../core/errors.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { PsaCredentials } from '../psa/registry.ts';
import { reveal } from '../secrets/redacted.ts';
import type { PsaAnswers, SecretAnswer } from './answers.ts';
import { givenSecret, type InitContext, isCode, missing, mostTries, tryAgain, typedSecret } from './init-context.ts';
import { choosePsaAddress, hasRegions } from './psa-address-step.ts';
import { type ConnectedPsa, type FieldQuestion, type PsaField, type PsaForm, psaForms } from './psa-forms.ts';
import { sourceOf } from './secret-sources.ts';

/** A PSA that took the credentials. */
export interface SignedIn {
  readonly psa: Psa;
  /** The same with contacts that carry rollcall's key in this field. */
  readonly open: (externalKeyField: string) => Psa;
  readonly baseUrl: string;
  readonly credentials: PsaAnswers['credentials'];
}

/** What signs in, and what the configuration will say of it: the same, or a reference. */
interface FieldAnswer {
  readonly value: string;
  readonly written: string;
}
type FieldAnswers = Readonly<Partial<Record<PsaField, FieldAnswer>>>;

/** Asks for what is not given and signs in, again and again while somebody sits there: no more than `mostTries` times for one account. */
export async function signInToPsa(context: InitContext, type: ConnectedPsa): Promise<SignedIn> {
  const { given, dialogue, edges } = context;
  const form = psaForms[type];
  const refused = new Map<string, number>();
  let known = await givenFields(context, form);
  let suggested: FieldAnswers = {};
  let source = given[form.secret.given];
  let kept: SecretAnswer | null = null;
  let address: string | null = null;
  for (;;) {
    const baseUrl: string = address ?? (await choosePsaAddress(context, type));
    address = baseUrl;
    const fields = await completed(context, form, { known, suggested });
    const account = form.account.map((field) => fields[field]?.value ?? '').join('+');
    const tries = refused.get(account.toLowerCase()) ?? 0;
    if (tries >= mostTries) {
      dialogue.warn(`${account} was refused ${mostTries} times; once more could lock it. Use another one, or stop with Ctrl-C.`);
      known = {};
      continue;
    }
    if (tries === mostTries - 1) dialogue.warn('The next one is the last that is tried for this account: one more could lock it.');
    const secret: SecretAnswer = kept ?? (await secretOf(context, form, { source, account }));
    kept = null;
    const credentials = credentialsOf(form, fields, secret);
    const open = (externalKeyField: string): Psa => edges.psa({ type, baseUrl, credentials, externalKeyField });
    try {
      return {
        psa: await tested(context, open(''), { form, account }),
        open,
        baseUrl,
        credentials: { fields: writtenOf(fields), secret: { field: form.secret.field, answer: secret } },
      };
    } catch (error) {
      if (!isCode(error, 'PSA_CREDENTIALS_REJECTED') || !dialogue.attended) {
        await tryAgain(context, error);
        known = fields;
        kept = secret;
        continue;
      }
      dialogue.objection(error);
      suggested = fields;
      const unknown = fieldOf(form, error);
      if (unknown !== undefined) {
        // The secret was not sent: the PSA knows nobody to check it for.
        known = Object.fromEntries(Object.entries(fields).filter(([field]) => field !== unknown.field));
        kept = secret;
        if (hasRegions(type)) address = given.psaUrl ?? null;
        continue;
      }
      refused.set(account.toLowerCase(), tries + 1);
      known = {};
      source = undefined;
    }
  }
}

async function tested({ dialogue }: InitContext, psa: Psa, { form, account }: { form: PsaForm; account: string }): Promise<Psa> {
  const { facts } = await dialogue.work(
    `Signing in to ${psa.displayName} as ${account}`,
    () =>
      psa.check().catch((error: unknown) => {
        throw withRemedy(form, error);
      }),
    (check) => {
      const more = check.facts['business'] ?? check.facts['requests'] ?? check.facts['version'];
      return `Signed in to ${psa.displayName}${more === undefined ? '' : ` (${more})`}`;
    },
  );
  const key = facts['external key'] ?? '';
  if (key.includes('cannot be searched')) dialogue.warn(`${psa.displayName}: rollcall's key of a contact is kept in ${key}.`);
  return psa;
}

/** The refusal, and where the right value stands. */
function withRemedy(form: PsaForm, error: unknown): unknown {
  if (!isCode(error, 'PSA_CREDENTIALS_REJECTED') || error.place['status'] === 403) return error;
  const unknown = fieldOf(form, error);
  const remedy = unknown === undefined ? form.remedy : (form.remedies[unknown.field] ?? '');
  if (remedy === '') return error;
  return new RollcallError(error.code, `${error.message} ${remedy}`, { place: error.place, cause: error });
}

/** The field that the PSA said it does not know. */
function fieldOf(form: PsaForm, { place }: RollcallError): FieldQuestion | undefined {
  return form.fields.find(({ field }) => place['setting'] === `psa.credentials.${field}`);
}

async function givenFields(context: InitContext, form: PsaForm): Promise<FieldAnswers> {
  const answers: [PsaField, FieldAnswer][] = [];
  for (const question of form.fields) {
    const text = context.given[question.given];
    if (text !== undefined) answers.push([question.field, await fieldAnswer(context, question, text)]);
  }
  return Object.fromEntries(answers);
}

async function completed(
  context: InitContext,
  form: PsaForm,
  { known, suggested }: { readonly known: FieldAnswers; readonly suggested: FieldAnswers },
): Promise<FieldAnswers> {
  const answers: [PsaField, FieldAnswer][] = [];
  for (const question of form.fields) {
    const answer = known[question.field] ?? (await askField(context, question, suggested[question.field]?.written ?? ''));
    answers.push([question.field, answer]);
  }
  return Object.fromEntries(answers);
}

async function askField(context: InitContext, question: FieldQuestion, initial: string): Promise<FieldAnswer> {
  const { dialogue } = context;
  if (!dialogue.attended) throw missing(question.option, question.what);
  const text = await dialogue.text({
    message: question.message,
    initial,
    problem: (typed) => (typed.trim() === '' ? question.found : null),
  });
  return fieldAnswer(context, question, text.trim());
}

/** A reference stays one in the configuration. */
async function fieldAnswer(context: InitContext, { option, mayBeReference }: FieldQuestion, text: string): Promise<FieldAnswer> {
  const source = mayBeReference ? sourceOf(text) : null;
  if (source === null || source.kind === 'stdin') return { value: text, written: text };
  // The last word is for what comes from standard input, which this does not.
  return { value: reveal(await context.secrets.read(source, option, 'psaPassword')), written: source.reference };
}

async function secretOf(
  context: InitContext,
  { secret }: PsaForm,
  { source, account }: { readonly source: Parameters<typeof givenSecret>[1] | undefined; readonly account: string },
): Promise<SecretAnswer> {
  if (source !== undefined) return givenSecret(context, source, { option: secret.option, name: secret.stdin });
  if (!context.dialogue.attended) throw missing(secret.option, secret.what);
  return typedSecret(context, secret.message(account));
}

function credentialsOf(form: PsaForm, fields: FieldAnswers, secret: SecretAnswer): Partial<PsaCredentials> {
  const plain = Object.entries(fields).map(([field, { value }]) => [field, value]);
  return { ...(Object.fromEntries(plain) as Partial<Record<PsaField, string>>), [form.secret.field]: secret.value };
}

function writtenOf(fields: FieldAnswers): Readonly<Partial<Record<PsaField, string>>> {
  return Object.fromEntries(Object.entries(fields).map(([field, { written }]) => [field, written]));
}
