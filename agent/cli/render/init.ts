import type { View } from '../answer.ts';
import type { InitDocument } from '../documents-init.ts';
import { renderError } from '../failure.ts';
import { textWidth } from '../terminal/text-width.ts';
import { sections } from './parts.ts';
import { renderPlan } from './plan.ts';

/** What was written, the first plan, and what to type next. */
export function renderInit(document: InitDocument, view: View): string {
  const { style } = view;
  const failed = document.planError !== null || document.plans.some(({ error }) => error !== null);
  const held = document.plans.flatMap(({ held }) => held?.hash ?? []);
  const command = (words: string, does: string): string => {
    const head = `  rollcall${view.sameOptions} `;
    const isWide = textWidth(`${head}${words}  ${does}`) > view.width;
    return `${head}${style.strong(words)}${isWide ? '\n      ' : '  '}${style.quiet(does)}`;
  };
  return sections(
    `${style.good('Set up')}  ${document.file}`,
    document.planError === null ? '' : `The first plan failed:\n${renderError(document.planError, view)}`,
    document.plans.map((plan) => renderPlan(plan, view)).join('\n\n'),
    [
      style.strong('Next'),
      ...(failed
        ? [
            command('validate', 'tests each part and says what is wrong; the file stays as it is'),
            command('plan', 'the plan, once it is right'),
          ]
        : [
            ...(document.plans.length === 0 ? [command('plan', 'what a sync would do; writes nothing outside')] : []),
            ...held.map((hash) => command(`approve ${hash}`, 'lets this plan through, as it is shown')),
            command('run', 'the service: syncs by schedule from then on'),
          ]),
    ],
  );
}
