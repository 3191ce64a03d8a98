import type { Command } from 'commander';
import { documentOf, textOf } from '../answer.ts';
import { exitOfPlan } from '../exit-codes.ts';
import type { Invoke } from '../program.ts';
import { renderPlan } from '../render/plan.ts';

interface PlanWords {
  readonly scan: boolean;
  readonly full?: boolean;
  readonly exitCode?: boolean;
}

/** `rollcall plan [--no-scan] [--full] [--exit-code]` */
export function addPlanCommand(program: Command, invoke: Invoke): void {
  program
    .command('plan')
    .description('scan, then show what a sync would do; writes nothing outside')
    .option('--no-scan', 'plan from what the store has')
    .option('--full', 'read everything, not only what changed')
    .option('--exit-code', 'exit with 5 when there are changes')
    .action((options: PlanWords, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const documents = await operations.plan({ organization, scan: options.scan, full: options.full === true });
        return {
          document: documentOf(documents),
          text: textOf(documents, renderPlan),
          exit: exitOfPlan(documents, options.exitCode === true),
        };
      });
    });
}
