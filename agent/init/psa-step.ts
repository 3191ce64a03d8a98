import type { Organization } from '../../core/model/contact.ts';
import type { PsaAnswers } from './answers.ts';
import { type InitContext, missing } from './init-context.ts';
import { chooseCompany } from './psa-company-step.ts';
import { type InitPsaType, initPsaTypes } from './psa-forms.ts';
import { chooseKeyField } from './psa-key-step.ts';
import { signInToPsa } from './psa-sign-in-step.ts';
import { chooseTypes } from './psa-types-step.ts';

/** The PSA, signed in to, with the customer's company and what is written there; `null`: without a PSA. */
export async function choosePsa(context: InitContext, organization: Organization): Promise<PsaAnswers | null> {
  const type = await chooseType(context);
  if (type === 'none') return null;
  const { psa, open, baseUrl, credentials } = await signInToPsa(context, type);
  const company = await chooseCompany(context, psa, organization);
  const types = await chooseTypes(context, psa, company);
  const externalKeyField = type === 'connectwise' ? await chooseKeyField(context, company, open) : '';
  return { type, displayName: psa.displayName, baseUrl, credentials, company, ...types, externalKeyField };
}

async function chooseType({ given, dialogue }: InitContext): Promise<InitPsaType> {
  if (given.psaType !== undefined) return given.psaType;
  if (!dialogue.attended) throw missing('--psa-type', initPsaTypes.join(', '));
  const chosen = await dialogue.choose({
    message: 'Which PSA do contacts go to?',
    choices: [
      { value: 'bms', label: 'Kaseya BMS' },
      { value: 'vorex', label: 'Vorex' },
      { value: 'pulseway', label: 'Pulseway PSA' },
      { value: 'connectwise', label: 'ConnectWise PSA', hint: 'Manage' },
      { value: 'autotask', label: 'Autotask PSA' },
      { value: 'none', label: 'None: IT Glue only' },
    ],
    initial: 'bms',
  });
  return initPsaTypes.find((type) => type === chosen) ?? 'none';
}
