/** The phases of a run as a picture, from its result alone. Pure. */
import type { Phase, SwitchoverResult } from '../../contract/index.js';
import { iso, isPresent } from '../../util.js';
import { formatInstant, formatSeconds } from '../format/text.js';

import { drawAxis, drawBar, drawPicture, formatOffset, RIGHT, round, xOf } from './chart.js';
import type { Picture, Scale } from './chart.js';
import type { Tone } from './style.js';
import { el } from './markup.js';
import type { Markup } from './markup.js';

/** What phases are to people: the ones that send, and those in which something was not as it should be. */
const PHASES: Readonly<
  Record<Exclude<Phase, 'ENDED'>, { readonly tone: Tone; readonly text: string }>
> = {
  PREFLIGHT: { tone: 'plain', text: 'pre-check' },
  SWAPPING: { tone: 'plain', text: 'sends the PUT' },
  AWAITING_JOB: { tone: 'plain', text: 'waits for the job' },
  VERIFYING: { tone: 'plain', text: 'reads the roles' },
  RECONCILING: { tone: 'caution', text: 'looks for a trace of the PUT' },
  COMPENSATING: { tone: 'bad', text: 'swaps back' },
  HOLDING: { tone: 'alarm', text: 'unresolved, keeps the lock' },
};

/** A phase, and when it was. */
export interface PhaseSpan {
  readonly phase: keyof typeof PHASES;
  readonly text: string;
  readonly fromMs: number;
  readonly tookMs: number;
}

/**
 * The phases of a run in the order in which they began, end to end. A phase that was entered again stands once, with
 * all of its time.
 */
export function phaseSpans({ timings }: Pick<SwitchoverResult, 'timings'>): PhaseSpan[] {
  let fromMs = Date.parse(timings.startedAt);
  return Object.entries(timings.phasesMs).flatMap(([phase, tookMs]) => {
    if (!isShownPhase(phase)) return [];
    const span = { phase, text: PHASES[phase].text, fromMs, tookMs };
    fromMs += tookMs;
    return [span];
  });
}

function isShownPhase(phase: string): phase is keyof typeof PHASES {
  return Object.hasOwn(PHASES, phase);
}

const LEFT = 212;
const TOP = 8;
const ROW = 30;
const BAR = 16;

/** A bar that is thinner than this cannot be seen. */
const MIN_BAR = 3;

/** Between a bar and its label. */
const GAP = 8;

/** Of a character of a label, about. */
const CHARACTER = 7;

type Evidence = Pick<SwitchoverResult, 'evidence' | 'timings'>;

/** Draws the phases, and when the evidence was noted, numbered as in its list; `null` where the result has neither. */
export function drawTimeline(result: Evidence): Picture | null {
  const { timings, evidence } = result;
  const spans = phaseSpans(result);
  if (spans.length === 0 && evidence.length === 0) return null;
  const fromMs = Date.parse(timings.startedAt);
  const endMs = Math.max(
    fromMs + timings.totalMs,
    ...spans.map((span) => span.fromMs + span.tookMs),
  );
  const scale = { fromMs, toMs: Math.max(endMs, fromMs + 1), left: LEFT };
  const rows = spans.length + (evidence.length === 0 ? 0 : 1);
  const bottom = TOP + rows * ROW;
  const summary = spans.map(({ phase, tookMs }) => `${phase} ${formatSeconds(tookMs)}`).join(', ');
  return drawPicture(
    {
      height: bottom + 22,
      description: `Phases of the run over ${formatSeconds(timings.totalMs)}: ${summary || 'none reported'}`,
    },
    drawAxis(
      scale,
      { top: TOP, bottom },
      { firstMs: fromMs, label: (ms) => formatOffset(ms - fromMs) },
    ),
    ...spans.map((span, at) => drawPhase(span, TOP + at * ROW, scale, timings.jobMs)),
    ...(evidence.length === 0 ? [] : [drawEvidence(result, TOP + spans.length * ROW, scale)]),
  );
}

function drawPhase(
  { phase, text, fromMs, tookMs }: PhaseSpan,
  top: number,
  scale: Scale,
  jobMs: number | null,
): Markup {
  const x = xOf(scale, fromMs);
  const width = Math.max(MIN_BAR, xOf(scale, fromMs + tookMs) - x);
  const job =
    phase === 'AWAITING_JOB' && jobMs !== null ? ` (the job itself ${formatSeconds(jobMs)})` : '';
  const label = `${formatSeconds(tookMs)}${job}`;
  const middle = top + ROW / 2 + 4;
  return el(
    'g',
    {},
    el('text', { x: 0, y: middle - 6 }, phase),
    el('text.faint', { x: 0, y: middle + 7 }, text),
    drawBar(
      PHASES[phase].tone,
      { x: Math.min(x, RIGHT - MIN_BAR), y: top + (ROW - BAR) / 2, width, height: BAR },
      `${phase}: ${label}, from ${formatInstant(iso(fromMs))}`,
    ),
    drawLabel(label, x, width, middle),
  );
}

/** Behind its bar, else before it, else on it. */
function drawLabel(label: string, x: number, width: number, y: number): Markup {
  const room = label.length * CHARACTER + GAP;
  if (x + width + room < RIGHT) return el('text', { x: round(x + width + GAP), y }, label);
  const isBefore = x - room > LEFT;
  const end = round(isBefore ? x - GAP : x + width - GAP);
  return el('text.halo', { x: end, y, 'text-anchor': 'end' }, label);
}

/** Closer to one another than this numbers cannot be read. */
const MIN_GAP = 18;

function drawEvidence({ evidence }: Evidence, top: number, scale: Scale): Markup {
  const middle = top + ROW / 2;
  let lastX = -MIN_GAP;
  const marks = evidence.map(({ at, what }, index) => {
    const atMs = Date.parse(at);
    if (Number.isNaN(atMs)) return null;
    const x = xOf(scale, atMs);
    const isFree = x - lastX >= MIN_GAP;
    if (isFree) lastX = x;
    return el(
      'g',
      {},
      el('title', {}, `${index + 1}: ${formatInstant(at)} ${what}`),
      el('circle.dot', { cx: x, cy: middle - 4, r: 3.5 }),
      isFree ? el('text.faint', { x, y: middle + 13, 'text-anchor': 'middle' }, index + 1) : null,
    );
  });
  return el(
    'g',
    {},
    el('text', { x: 0, y: middle }, 'Evidence'),
    el('text.faint', { x: 0, y: middle + 13 }, 'numbered as below'),
    marks.filter(isPresent),
  );
}
