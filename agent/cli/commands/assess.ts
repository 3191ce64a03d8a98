import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type ErrorCode, RollcallError } from '../../../core/errors.ts';
import { proveFree, reportPlaces, writeReport } from '../../assess/report-files.ts';
import { type Answer, type CommandContext, documentOf, textOf } from '../answer.ts';
import type { ScanDocument } from '../documents.ts';
import type { AssessDocument } from '../documents-assess.ts';
import { exitOfAssess } from '../exit-codes.ts';
import type { Operations } from '../operations.ts';
import type { Invoke } from '../program.ts';
import { renderAssess } from '../render/assess.ts';

interface AssessWords {
  readonly scan: boolean;
  readonly staleDays: number;
  readonly brand?: string;
  readonly force?: boolean;
}

const longestBrand = 80;
const mostDays = 3_650;

const help = `
Writes FILE (FILE.html when it has no ending) and, beside it, the folder FILE-csv with one CSV file for each list of the report
that has rows, and accounts.csv, contacts.csv and psa-contacts.csv with everything that was looked at. With several
organizations each has its id in the names. The files hold personal data: they are for this account alone (0600).`;

/** `rollcall assess FILE [--no-scan] [--stale-days DAYS] [--brand NAME] [--force]` */
export function addAssessCommand(program: Command, invoke: Invoke): void {
  program
    .command('assess')
    .description('a read-only report per customer (HTML, CSV), before anything may write')
    .argument('<file>', 'the report to write, an HTML page')
    .option('--no-scan', 'report on what the store has of the directories')
    .option('--stale-days <days>', 'days without logon after which an account is stale', readDays, 90)
    .option('--brand <name>', 'name of who made the report, for its header', readBrand)
    .option('--force', 'replace a report that is there')
    .addHelpText('after', help)
    .action((file: string, options: AssessWords, command: Command) => {
      invoke(command, (context) => assess(resolve(file), options, context));
    });
}

async function assess(file: string, options: AssessWords, { operations, organization }: CommandContext): Promise<Answer> {
  const force = options.force === true;
  // What can be known to be in the way is said before the long reads.
  await proveFree(reportPlaces(file, null), force);
  const { staleDays } = options;
  const documents = options.scan
    ? await scanAndAssess(operations, organization, staleDays)
    : await operations.assess({ organization, staleDays });

  const written: AssessDocument[] = [];
  for (const document of documents) {
    if (document.error !== null) {
      written.push(document);
      continue;
    }
    const places = reportPlaces(file, documents.length === 1 ? null : document.organization);
    await proveFree(places, force);
    written.push({ ...document, files: await writeReport(document, places, options.brand ?? '') });
  }
  return { document: documentOf(written), text: textOf(written, renderAssess), exit: exitOfAssess(written) };
}

/** One organization after the other; the failure of one is in its document and the others go on. A lone one's failure is thrown. */
async function scanAndAssess(operations: Operations, named: string | null, staleDays: number): Promise<readonly AssessDocument[]> {
  const scans = await operations.scan({ organization: named, full: false });
  const documents: AssessDocument[] = [];
  for (const scan of scans) {
    try {
      const failed = failureOf(scan);
      if (failed !== null) throw failed;
      documents.push(...(await operations.assess({ organization: scan.organization, staleDays })));
    } catch (error) {
      if (scans.length === 1 || !(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
      documents.push(notAssessed(scan, error));
    }
  }
  return documents;
}

/** A read that is not proven complete would make leavers of people: no report is made from it (C1). */
function failureOf({ directories }: ScanDocument): RollcallError | null {
  const failed = directories.find(({ outcome }) => outcome === 'failed' || outcome === 'incomplete');
  if (failed?.error == null) return null;
  const place = { ...failed.error.place, directory: failed.directory };
  return new RollcallError(failed.error.code as ErrorCode, failed.error.message, { place });
}

function notAssessed(scan: ScanDocument, { code, message, hint, place }: RollcallError): AssessDocument {
  return {
    formatVersion: 1,
    organization: scan.organization,
    organizationName: scan.organizationName,
    message: null,
    madeAt: new Date(0).toISOString(),
    staleDays: 0,
    psaName: null,
    sources: [],
    totals: null,
    sections: [],
    inventories: [],
    notices: [],
    error: { code, message, hint, place },
    files: [],
  };
}

function readDays(value: string): number {
  const days = Number(value);
  if (!Number.isInteger(days) || days < 1 || days > mostDays) {
    throw new InvalidArgumentError(`It is a whole number of days from 1 to ${mostDays}.`);
  }
  return days;
}

function readBrand(value: string): string {
  if (value.length > longestBrand) throw new InvalidArgumentError(`It has ${longestBrand} characters at most.`);
  return value;
}
