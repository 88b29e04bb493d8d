import type { CheckStatus, DoctorCheck, DoctorReport } from '../../doctor/index.js';

/** Words of a status; a failure stands out without colours. */
const WORDS: Record<CheckStatus, string> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skip: 'skip' };

/** Width of the longest status and of the longest id. */
const STATUS_WIDTH = 4;
const ID_WIDTH = 18;

/** The doctor's report for people. */
export function formatDoctor(report: DoctorReport): string {
  const { checks, fixes, unknowable } = report;
  const projectIds = [...new Set(checks.map(({ projectId }) => projectId))];
  const sections = projectIds.map((projectId) => formatSection(projectId, checks));
  const steps = fixes.map((fix, index) => `  ${index + 1}. ${fix}`);
  return [
    ...sections,
    fixes.length === 0 ? 'Nothing to fix.' : ['Fix, in this order:', ...steps].join('\n'),
    ['What cannot be known before the PUT:', ...unknowable.map((text) => `  - ${text}`)].join('\n'),
  ].join('\n\n');
}

function formatSection(projectId: string | null, checks: readonly DoctorCheck[]): string {
  const lines = checks.filter((check) => check.projectId === projectId).map(formatCheck);
  return [projectId === null ? 'Environment and Temporal' : `Project ${projectId}`, ...lines].join(
    '\n',
  );
}

function formatCheck({ id, status, found }: DoctorCheck): string {
  const text = status === 'skip' ? `(${found})` : found;
  const oneLine = text.replace(/\s+/g, ' ');
  return `  ${WORDS[status].padEnd(STATUS_WIDTH)}  ${id.padEnd(ID_WIDTH)}  ${oneLine}`;
}

/** What was saved, and the request to look at it before anybody else does. */
export function formatRecorded(files: readonly string[]): string {
  if (files.length === 0) return 'Nothing was recorded: DCS was not called.';
  return [
    'Recorded, with ids, addresses, names and unknown texts replaced:',
    ...files.map((file) => `  ${file}`),
    'Look at every file before you share it.',
  ].join('\n');
}
