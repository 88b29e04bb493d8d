/** A report in its forms, and where they go. */
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Command } from 'commander';

import { EXIT_CODES } from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';
import { messageOf, visible } from '../../util.js';
import { UsageError } from '../errors.js';
import type { Output, OutputFormat } from '../output.js';

import { svgFile } from './chart.js';
import type { Picture } from './chart.js';
import type { ReportDocument } from './document.js';
import { toHtmlReport } from './html.js';
import { toMarkdownReport } from './markdown.js';

/** A report, as data and as a text. */
export interface Report {
  readonly data: unknown;
  readonly document: ReportDocument;
  /** Beginning of the names of its files; it tells runs apart. */
  readonly base: string;
}

/** Forms of a report, as `-o` and the ends of files name them. */
export const REPORT_FORMS = ['md', 'html', 'json', 'yaml'] as const;

/** Forms that a folder gets. */
const FOLDER_FORMS = ['md', 'html', 'json'] as const;

/** Forms that are written as files; `svg` is the first picture alone. */
const FILE_FORMS = [...FOLDER_FORMS, 'svg'] as const;

type FileForm = (typeof FILE_FORMS)[number];

const WRITERS: Readonly<Record<FileForm, (report: Report) => string>> = {
  md: ({ document }) => toMarkdownReport(document),
  html: ({ document }) => toHtmlReport(document),
  json: ({ data }) => `${JSON.stringify(data, null, 2)}\n`,
  svg: ({ document }) => svgFile(firstPicture(document)),
};

function firstPicture({ sections }: ReportDocument): Picture {
  const blocks = sections.flatMap((section) => section.blocks);
  const found = blocks.find((block) => block.kind === 'picture');
  if (found === undefined) throw new Error('this report has no picture');
  return found.picture;
}

/** Option of everything that may write a report. */
export interface ReportOption {
  /** A file that ends in `.md`, `.html`, `.json` or `.svg`, or a folder for the first three. */
  readonly report?: string;
}

/** Adds {@link ReportOption}. */
export function withReportOption(command: Command): Command {
  return command.option(
    '--report <path>',
    'write the report, for a change ticket: a file (.md, .html, .json; .svg: its picture alone), or a folder',
  );
}

function formOf(target: string): FileForm | null {
  return FILE_FORMS.find((form) => target.endsWith(`.${form}`)) ?? null;
}

/** Makes sure that a report can be written before anything is started for it. @throws UsageError */
export async function prepareReport({ report: target }: ReportOption): Promise<void> {
  if (target === undefined) return;
  const folder = formOf(target) === null ? target : path.dirname(target);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report: ${messageOf(error)}`);
  }
}

/** Name of a report's files, the same however often they are written. @param name of what it is about */
export function reportBase(name: string, startedAt: string): string {
  // Colons are not allowed in file names everywhere.
  return `${name}.${startedAt.replace(/\.\d+/, '')}`.replaceAll(':', '');
}

/** @returns the paths of the files */
async function writeReport(target: string, report: Report): Promise<string[]> {
  const form = formOf(target);
  const files =
    form === null
      ? FOLDER_FORMS.map((each) => [path.join(target, `${report.base}.${each}`), each] as const)
      : [[target, form] as const];
  for (const [file, each] of files) await writeFile(file, visible(WRITERS[each](report)));
  return files.map(([file]) => file);
}

/**
 * Writes a report and shows where.
 *
 * @param elsewhere the command that writes it into another folder
 * @returns whether that was possible
 */
export async function tryReport(
  output: Output,
  report: Report,
  target: string,
  elsewhere: string,
): Promise<boolean> {
  try {
    output.note(`Report: ${(await writeReport(target, report)).join(', ')}`);
    return true;
  } catch (error) {
    const problem = messageOf(error);
    const step = withCommands('Write it elsewhere', elsewhere);
    output.note(joinText([`No report: ${problem}.`, step]));
    return false;
  }
}

/**
 * Prints a report, and writes it where asked. It judges nothing.
 *
 * @returns 0, or 1 where it cannot be written
 */
export async function printReport(
  output: Output,
  report: Report,
  { report: target, output: form = 'md' }: ReportOption & { readonly output?: OutputFormat },
  elsewhere: string,
): Promise<number> {
  const write = form === 'html' ? WRITERS.html : WRITERS.md;
  output.data(report.data, () => write(report).trimEnd());
  const isDone = target === undefined || (await tryReport(output, report, target, elsewhere));
  return isDone ? EXIT_CODES.success : EXIT_CODES.other;
}
