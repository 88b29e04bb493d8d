/** What the report of a run says of what Redis itself showed. */
import type { SwitchoverReport } from '../../client.js';
import type { DataPlaneReport, LaneReport, Look } from '../../contract/index.js';
import { dataPlaneFacts, formatRange, WITNESS_TEXT } from '../../domain/data-plane-text.js';
import { countOf } from '../../domain/text.js';
import { formatInstant, formatSeconds, formatSpan, joinPresent } from '../format/text.js';

import { drawAvailability, readMeasurement } from './availability.js';
import type { Block, Fact, ReportColumn, ReportTable, Section, Text } from './document.js';

/** What was measured and what the witness says; `null` where no one looked. */
export function dataPlaneSection(report: SwitchoverReport): Section | null {
  const { dataPlane } = report;
  if (dataPlane === undefined) return null;
  const blocks: readonly (Block | null)[] = [
    { kind: 'facts', facts: figures(dataPlane) },
    pictureBlock(report),
    interruptionsTable(dataPlane),
    looksTable(dataPlane),
  ];
  return { title: 'What Redis showed', blocks: blocks.filter((block) => block !== null) };
}

/** The line for the head of the report; nothing where no one looked. */
export function dataPlaneHead({ dataPlane }: SwitchoverReport): Fact[] {
  if (dataPlane === undefined) return [];
  return dataPlaneFacts(dataPlane).map(([about, text]) => [LABELS[about], text]);
}

const LABELS = { writes: 'Writes', reads: 'Reads', Redis: 'Redis says' } as const;

function figures(report: DataPlaneReport): Fact[] {
  const { address, binding, witness, write, read, quality, coverage } = report;
  const isMeasured = report.state === 'measured';
  return [
    ['Witness', describeWord(report)],
    ['Looks', `${witness.looks}; ${BINDING[binding]}`],
    ['Asked', address === null ? null : { code: address }],
    ['Errors', isMeasured ? lanesText({ write, read }, describeErrors) : null],
    ['Answer times', isMeasured ? lanesText({ write, read }, describeLatency) : null],
    ['Idle connection', describeIdle(report)],
    ['Coverage', isMeasured ? COVERAGE[coverage] : null],
    ['Measured by', isMeasured ? describePace(quality) : null],
    ['Stalls of the probe', isMeasured ? describeStalls(quality) : null],
  ];
}

function describeWord({ witness: { word, why, lostBytesAtLeast } }: DataPlaneReport): Text {
  const lost = lostBytesAtLeast ?? 0;
  return [
    `${WITNESS_TEXT[word]} (${word})${why === '' ? '' : `: ${why}`}`,
    ...(lost === 0 ? [] : [`at least ${countOf(lost, 'byte')} of the old master never reached it`]),
  ];
}

type Lanes = Pick<DataPlaneReport, 'write' | 'read'>;

function lanesText({ write, read }: Lanes, describe: (lane: LaneReport) => string): string | null {
  return joinPresent(
    [
      write === null ? null : `writes: ${describe(write)}`,
      read === null ? null : `reads: ${describe(read)}`,
    ],
    '; ',
  );
}

function describeErrors({ errors, ok }: LaneReport): string {
  const counts = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`);
  return `${counts.length === 0 ? 'none' : counts.join(', ')} (${ok} answered)`;
}

function describeLatency({ latencyMs: { p50, p99 } }: LaneReport): string {
  const short = (ms: number): number => Number(ms.toPrecision(2));
  return `median ${short(p50)} ms, 99 % within ${short(p99)} ms`;
}

const BINDING: Readonly<Record<DataPlaneReport['binding'], string>> = {
  password: 'a password of this instance was accepted',
  none: 'no password shows that it is this instance',
};

const IDLE = {
  'closed-by-peer': 'closed by the other side',
  'still-works': 'still works',
  silent: 'gave no answer, and was not closed',
} as const;

function describeIdle({ idleConnection }: DataPlaneReport): string | null {
  if (idleConnection === null) return null;
  const { state, atMs } = idleConnection;
  return atMs === null ? IDLE[state] : `${IDLE[state]} ${formatSeconds(atMs)} after the PUT`;
}

const COVERAGE: Readonly<Record<DataPlaneReport['coverage'], string>> = {
  whole: 'whole',
  'begins-late': 'begins late: ready only after the PUT, so there may have been more',
  'ends-broken': 'ends broken: still failing at its end, so it lasted longer',
};

function describePace({ periodMs, armedAt }: DataPlaneReport['quality']): string {
  const since = armedAt === null ? 'never ready' : `ready at ${formatInstant(armedAt)}`;
  return `a command every ${periodMs} ms in each lane, ${since}`;
}

function describeStalls({ ownStallMs, unseenMs }: DataPlaneReport['quality']): string {
  if (ownStallMs + unseenMs === 0) return 'none';
  const hidden = unseenMs === 0 ? 'nothing' : `${formatSeconds(unseenMs)} of the lanes`;
  return `${formatSeconds(ownStallMs)} in all, hiding ${hidden}`;
}

function pictureBlock(report: SwitchoverReport): Block | null {
  const picture = drawAvailability(report);
  if (picture === null) return null;
  const caption = readMeasurement(report)?.isAligned
    ? 'Lanes are by the clock of the worker that measured, phases and PUTs by that of Temporal.'
    : 'By the clock of the worker that measured; it does not fit that of Temporal, so phases and PUTs are left out.';
  // In words the same stands in the tables beside it.
  const table: ReportTable = { kind: 'table', columns: [], rows: [] };
  return { kind: 'picture', picture, caption, table };
}

function interruptionsTable({ write, read }: Lanes): ReportTable | null {
  const rows = (
    [
      ['writes', write],
      ['reads', read],
    ] as const
  ).flatMap(([label, lane]) =>
    (lane?.interruptions ?? []).map(({ from, minMs, maxMs, kinds }): Text[] => [
      label,
      // Most interruptions are shorter than a second: here milliseconds are not noise.
      from,
      formatRange({ minMs, maxMs }),
      kinds.join(', '),
    ]),
  );
  const columns: readonly ReportColumn[] = [
    { title: 'Interrupted' },
    { title: 'Last answer before', set: 'whole' },
    { title: 'For', set: 'whole' },
    { title: 'Errors' },
  ];
  return rows.length === 0 ? null : { kind: 'table', columns, rows };
}

const LOOK_ROWS: readonly (readonly [string, (look: Look) => Text])[] = [
  ['At', ({ at }) => formatInstant(at)],
  ['Role', ({ role }) => role],
  ['Process', ({ runId }) => ({ code: runId })],
  ['Running for', ({ uptimeSeconds }) => formatSpan(uptimeSeconds * 1000)],
  ['History of its data', ({ replid }) => ({ code: replid })],
  ['History before that', ({ replid2 }) => (replid2 === null ? 'none' : { code: replid2 })],
  ['Bytes of history', ({ offset }) => String(offset)],
  [
    'History before ended at',
    ({ secondOffset }) => (secondOffset === null ? '–' : String(secondOffset)),
  ],
];

function looksTable({ witness: { before, after } }: DataPlaneReport): ReportTable | null {
  if (before === null && after === null) return null;
  const rows = LOOK_ROWS.map(([label, cell]) => [
    label,
    before === null ? 'not looked' : cell(before),
    after === null ? 'not looked' : cell(after),
  ]);
  const columns: readonly ReportColumn[] = [
    { title: 'Look' },
    { title: 'Before', set: 'id' },
    { title: 'After', set: 'id' },
  ];
  return { kind: 'table', columns, rows };
}
