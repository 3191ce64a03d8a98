import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import type { AssessDocument, AssessListing } from '../cli/documents-assess.ts';
import { writePrivateFile } from '../files/private-file.ts';
import { type CsvCell, toCsv } from './csv.ts';
import { reportPage } from './report-page.ts';
import { cellDate } from './report-words.ts';

/** Where the files of one customer's report go. */
export interface ReportPlaces {
  readonly page: string;
  /** Folder of the CSV files. */
  readonly lists: string;
}

const pageEndings = new Set(['.html', '.htm']);
const otherEndings = new Set(['.pdf', '.csv', '.xlsx', '.xls', '.doc', '.docx', '.json', '.txt']);

/**
 * The files that FILE stands for: the page, and beside it a folder of CSV files. With several organizations each gets its id in
 * the name. Throws `USAGE` for a name that promises another kind of file.
 */
export function reportPlaces(file: string, organization: string | null): ReportPlaces {
  const ending = extname(file).toLowerCase();
  if (otherEndings.has(ending))
    throw new RollcallError('USAGE', `The report is an HTML page: ${basename(file)} should end with .html, or without an ending.`);
  const base = pageEndings.has(ending) ? file.slice(0, -ending.length) : file;
  const whole = organization === null ? base : `${base}-${organization}`;
  return { page: `${whole}${pageEndings.has(ending) ? file.slice(-ending.length) : '.html'}`, lists: `${whole}-csv` };
}

/** Throws `REPORT_UNWRITABLE` when the folder of FILE is not there, `REPORT_EXISTS` when something is in the way. */
export async function proveFree(places: ReportPlaces, force: boolean): Promise<void> {
  const folder = dirname(places.page);
  const there = await kindOf(folder);
  if (there !== 'folder') throw new RollcallError('REPORT_UNWRITABLE', `There is no folder ${folder}.`);
  const page = await kindOf(places.page);
  const lists = await kindOf(places.lists);
  if (page === 'folder' || page === 'other') throw new RollcallError('REPORT_UNWRITABLE', `${places.page} is no file.`);
  if (lists === 'file' || lists === 'other') throw new RollcallError('REPORT_UNWRITABLE', `${places.lists} is no folder.`);
  const taken = page === 'file' ? places.page : places.lists;
  if (!force && (page === 'file' || lists === 'folder')) throw new RollcallError('REPORT_EXISTS', `${taken} is there already.`);
}

async function kindOf(path: string): Promise<'nothing' | 'file' | 'folder' | 'other'> {
  try {
    const stats = await lstat(path);
    if (stats.isFile()) return 'file';
    return stats.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw unwritable(path, error);
  }
}

/**
 * Writes the report and its CSV files, each as a whole and for this account alone: the page comes last, so that it is never there
 * without its lists. Lists of an earlier report that have no rows any more are removed. Returns the files, the page first.
 */
export async function writeReport(document: AssessDocument, places: ReportPlaces, brand: string): Promise<readonly string[]> {
  const csvFile = (listing: string): string => `${basename(places.lists)}/${listing}.csv`;
  const listings = [...document.sections.flatMap(({ findings }) => findings), ...document.inventories];
  try {
    await mkdir(places.lists, { recursive: true, mode: 0o700 });
    await chmod(places.lists, 0o700);
    const written: string[] = [];
    for (const listing of listings) {
      const path = join(places.lists, `${listing.id}.csv`);
      if (listing.rows.length === 0) {
        await rm(path, { force: true });
        continue;
      }
      await writeWhole(path, listingCsv(listing));
      written.push(path);
    }
    await writeWhole(places.page, reportPage(document, { brand, csvFile }));
    return [places.page, ...written];
  } catch (error) {
    throw error instanceof RollcallError ? error : unwritable(places.page, error);
  }
}

/** The rows of a list as CSV; dates in UTC, without what only a program needs. */
export function listingCsv({ columns, rows }: AssessListing): string {
  const isGrouped = rows.some((row) => row['group'] !== undefined);
  const header = columns.map(({ title, kind }) => (kind === 'moment' ? `${title} (UTC)` : title));
  const cells = rows.map((row): readonly CsvCell[] => {
    const own = columns.map(({ key, kind }): CsvCell => {
      const value = row[key] ?? null;
      return kind === 'moment' && typeof value === 'string' ? cellDate(value) : value;
    });
    return isGrouped ? [row['group'] ?? null, ...own] : own;
  });
  return toCsv(isGrouped ? ['Group', ...header] : header, cells);
}

/** Whoever reads the file sees the old one or the new one, and nobody but this account reads it. */
async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writePrivateFile(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): RollcallError {
  const why: Readonly<Record<string, string>> = {
    EACCES: 'this account may not write there',
    EPERM: 'this account may not write there',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    ENOENT: 'its folder is not there',
    ENOTDIR: 'its folder is a file',
    EISDIR: 'it is a folder',
    ENAMETOOLONG: 'the name is too long',
  };
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new RollcallError('REPORT_UNWRITABLE', `${path} cannot be written: ${why[code] ?? (code || 'it failed')}.`, { cause });
}
