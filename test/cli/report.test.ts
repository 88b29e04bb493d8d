import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { ResultSource } from '../../src/cli/format/maintenance.js';
import { runCli } from '../../src/cli/program.js';
import { toHtmlReport } from '../../src/cli/report/html.js';
import { toMaintenanceDocument } from '../../src/cli/report/maintenance-report.js';
import { toMarkdownReport } from '../../src/cli/report/markdown.js';
import { toRunDocument } from '../../src/cli/report/run-report.js';
import { WaitTimedOutError } from '../../src/client.js';
import type { SwitchoverReport } from '../../src/client.js';
import type { MaintenanceResult, SwitchoverResult } from '../../src/contract/index.js';
import { result, roles } from '../client/support/facts.js';
import { lane, measured } from '../support/data-plane.js';
import { parsePage } from '../support/html-page.js';
import type { Page } from '../support/html-page.js';
import { findProblem } from '../support/printed.js';
import { shellWords } from '../support/shell-words.js';

import { createFakeClient, RUN_ID } from './support/fake-client.js';
import type { FakeBehaviour } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';
import { item, leg, maintenanceResult, unstarted } from './support/maintenance-facts.js';

const TARGET = {
  instanceId: '22222222-2222-4222-8222-222222222222',
  projectId: '11111111111111111111111111111111',
};
const SOURCE: ResultSource = {
  name: 'drain-az1',
  workflowId: 'dcs-maintenance:drain-az1',
  runId: null,
};

const reportOf = (
  changes: Partial<SwitchoverResult> = {},
  puts: SwitchoverReport['puts'] = [],
): SwitchoverReport => ({
  ...result(changes),
  run: { workflowId: 'dcs-switchover:p:i', runId: RUN_ID },
  puts,
});

const pageOfRun = (report: SwitchoverReport): Page =>
  parsePage(toHtmlReport(toRunDocument(report, TARGET)));
const pageOf = (maintenance: MaintenanceResult): Page =>
  parsePage(toHtmlReport(toMaintenanceDocument(maintenance, SOURCE)));

const PUT: SwitchoverReport['puts'][number] = {
  ...{ purpose: 'forward', state: 'possibly-sent', jobId: null, requestId: null },
  ...{ scheduledAt: '2026-11-24T02:00:00.400Z', endedAt: '2026-11-24T02:00:01.000Z' },
  detail: 'no answer within 15 s',
};

const UNKNOWN = reportOf(
  {
    outcome: 'UNKNOWN',
    cause: 'NO_TRACE',
    message:
      'Outcome unknown: no trace of the PUT. Do not switch again before you know.\n' +
      `Find out:\n  dcs-switchover verify ${TARGET.instanceId} --project ${TARGET.projectId} --examined-run ${RUN_ID}\n` +
      'If that stays UNKNOWN, record what you found:\n' +
      `  dcs-switchover resolve ${TARGET.instanceId} --project ${TARGET.projectId} --outcome OUTCOME --statement STATEMENT --by NAME`,
    swapsAccepted: 0,
    swapsPossiblySent: 1,
    jobIds: [],
    after: null,
    checks: [
      {
        id: 'nodes-active',
        severity: 'blocking',
        passed: true,
        observed: 'all Active',
        requestId: 'q-1',
        remedy: '',
      },
      {
        id: 'cool-down',
        severity: 'blocking',
        passed: false,
        observed: 'too early',
        requestId: null,
        remedy: 'Wait.',
      },
    ],
    evidence: [{ at: '2026-11-24T02:00:00.400Z', what: 'pre-check finished' }],
    timings: {
      ...result().timings,
      phasesMs: { PREFLIGHT: 400, SWAPPING: 600, RECONCILING: 3_000, HOLDING: 5_500, ENDED: 0 },
    },
  },
  [PUT],
);

const PARTIAL = maintenanceResult({
  ...{ outcome: 'PARTIAL', cause: 'BUDGET_SPENT' },
  message: 'Not all done.\nDo the rest:\n  dcs-switchover maintenance start --rest-of drain-az1',
  counts: { pending: 0, running: 0, done: 1, failed: 1, skipped: 0, notStarted: 1 },
  items: [
    item(1),
    item(2, leg({ outcome: 'UNKNOWN', cause: 'NO_TRACE', reason: 'No trace.', runId: RUN_ID })),
    item(3, unstarted('NOT_STARTED', 'the error budget was spent')),
  ],
  decisions: [{ what: 'approved', by: 'bob', why: 'CAB', at: '2026-12-05T00:59:00.000Z' }],
});

const many = (count: number): MaintenanceResult =>
  maintenanceResult({
    counts: { ...maintenanceResult().counts, done: count },
    items: Array.from({ length: count }, (_, at) => {
      const startMs = Date.parse('2026-12-05T01:00:00Z') + Math.floor(at / 5) * 10_000;
      const [startedAt, endedAt] = [startMs, startMs + 9_000].map((ms) =>
        new Date(ms).toISOString(),
      );
      return item(at, leg({ startedAt: startedAt ?? null, endedAt: endedAt ?? null }));
    }),
  });

/** Everything that HTML, SVG, a style sheet, Markdown or a terminal could take for its own. */
const HOSTILE =
  '"><script>alert(1)</script></style></title><img src=//evil.example/x onerror=alert(1)>' +
  "' style='x' <!-- ]]> &lt;b&gt; | `code` [a](javascript:alert(1)) \u202e\u0007 --";

const PAGES: readonly (readonly [string, () => Page])[] = [
  ['a run that succeeded', () => pageOfRun(reportOf())],
  ['a run that is UNKNOWN', () => pageOfRun(UNKNOWN)],
  [
    'a run that read nothing',
    () => pageOfRun(reportOf({ before: null, after: null, swapsSent: 0 })),
  ],
  ['a run that was measured', () => pageOfRun(reportOf({ dataPlane: measured() }))],
  ['a maintenance that is done', () => pageOf(maintenanceResult())],
  ['a maintenance that is not', () => pageOf(PARTIAL)],
  [
    'a maintenance that started nothing',
    () => pageOf(maintenanceResult({ items: [], window: null })),
  ],
  ['a drill', () => pageOf(maintenanceResult({ items: [item(1, leg(), leg({ leg: 'return' }))] }))],
  [
    'a run with hostile texts',
    () =>
      pageOfRun(
        reportOf(
          {
            ...{ instanceName: HOSTILE, reason: HOSTILE, requestedBy: HOSTILE, changeId: HOSTILE },
            ...{ message: HOSTILE, cause: HOSTILE, region: HOSTILE, requestId: HOSTILE },
            ...{ jobIds: [HOSTILE], swapRequestIds: [HOSTILE], warnings: [HOSTILE] },
            evidence: [
              { at: HOSTILE, what: HOSTILE },
              { at: '2026-11-24T02:00:01Z', what: HOSTILE },
            ],
            before: { ...roles('n1'), observedAt: HOSTILE },
            dataPlane: measured({
              ...{ why: HOSTILE, address: HOSTILE },
              witness: { ...measured().witness, why: HOSTILE },
              write: lane({ strip: HOSTILE }),
              lostWrites: { count: null, of: 1, perSecond: 20, why: HOSTILE },
            }),
            checks: [
              {
                id: 'no-drift',
                severity: 'info',
                passed: null,
                observed: HOSTILE,
                requestId: HOSTILE,
                remedy: HOSTILE,
              },
            ],
          },
          [{ ...PUT, detail: HOSTILE, jobId: HOSTILE, requestId: HOSTILE }],
        ),
      ),
  ],
  [
    'a maintenance with hostile texts',
    () =>
      pageOf({
        ...PARTIAL,
        ...{ message: HOSTILE, reason: HOSTILE, requestedBy: HOSTILE, warnings: [HOSTILE] },
        items: PARTIAL.items.map((each) => ({
          ...each,
          name: HOSTILE,
          master: { nodeId: HOSTILE, availabilityZone: HOSTILE },
          forward: { ...each.forward, reason: HOSTILE, cause: HOSTILE },
        })),
        decisions: [
          { what: 'skipped', by: HOSTILE, why: HOSTILE, at: HOSTILE, instanceId: HOSTILE },
        ],
      }),
  ],
];

const ALLOWED_ELEMENTS = [
  ...['html', 'head', 'meta', 'title', 'style', 'body', 'main', 'header', 'section', 'footer'],
  ...['h1', 'h2', 'p', 'div', 'span', 'b', 'br', 'pre', 'code', 'ul', 'li', 'dl', 'dt', 'dd'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'figure', 'figcaption'],
  ...['svg', 'defs', 'pattern', 'g', 'path', 'circle', 'rect', 'line', 'text'],
];

const ALLOWED_ATTRIBUTES = [
  ...['lang', 'charset', 'http-equiv', 'content', 'name', 'class', 'scope', 'aria-hidden'],
  ...['role', 'aria-label', 'viewBox', 'id', 'patternUnits', 'd', 'cx', 'cy', 'r', 'x', 'y'],
  ...['x1', 'x2', 'y1', 'y2', 'width', 'height', 'fill', 'text-anchor'],
];

describe('the page of', () => {
  test.each(PAGES)(
    '%s is HTML without an error, and of nothing but its own elements',
    (_, make) => {
      const { elements, errors, all } = make();
      expect(errors).toEqual([]);
      const names = new Set(elements.map(({ name }) => name));
      expect([...names].filter((name) => !ALLOWED_ELEMENTS.includes(name))).toEqual([]);
      const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)));
      expect([...attributes].filter((name) => !ALLOWED_ATTRIBUTES.includes(name))).toEqual([]);
      expect(all('h1')).toHaveLength(1);
    },
  );

  test.each(PAGES)('%s refers to nothing outside of itself', (_, make) => {
    const { elements, all } = make();
    const fills = elements.map(({ attributes }) => attributes['fill'] ?? 'url(#on-bad)');
    for (const fill of fills) expect(fill).toMatch(/^url\(#(on|cell)-[a-z]+\)$/);
    for (const { text } of all('style')) expect(text).not.toMatch(/url\(|@import|\/\//);
  });

  test.each(PAGES)('%s allows one style sheet, and neither script nor network', (_, make) => {
    const { all } = make();
    const policy = all('meta').find(({ attributes }) => 'http-equiv' in attributes);
    const [style, ...others] = all('style');
    const hash = createHash('sha256')
      .update(style?.text ?? '')
      .digest('base64');
    expect(others).toEqual([]);
    expect(policy?.attributes['content']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  test.each(PAGES)('%s prints commands that the program takes', async (_, make) => {
    const lines = make()
      .all('pre')
      .map(({ text }) => text);
    const words = shellWords(lines);
    for (const [at, line] of lines.entries())
      expect({ line, problem: await findProblem(line, words[at] ?? []) }).toEqual({
        line,
        problem: null,
      });
  });

  test('a run with hostile texts shows them as they are', () => {
    const [, make] = PAGES.find(([name]) => name === 'a run with hostile texts') ?? [];
    const shown = HOSTILE.replace('\u202e', '\\u202e').replace('\u0007', '\\u0007');
    const page = make?.();
    expect(page?.all('h1')[0]?.text).toContain(shown);
    expect(page?.all('dd').map(({ text }) => text)).toContain(shown);
  });
});

const titlesOf = ({ all }: Page): readonly string[] => all('title').map(({ text }) => text);

describe('the timeline', () => {
  test('has a bar for each phase, as long as the phase took', () => {
    const { all } = pageOfRun(reportOf());
    const bars = all('rect').filter(({ attributes }) => attributes['class']?.startsWith('bar'));
    const widths = bars.map(({ attributes }) => Number(attributes['width']));
    const xs = bars.map(({ attributes }) => Number(attributes['x']));
    expect(bars).toHaveLength(4);
    expect((widths[3] ?? 0) / (widths[2] ?? 1)).toBeCloseTo(4_800 / 4_100, 1);
    expect((xs[3] ?? 0) - (xs[2] ?? 0)).toBeCloseTo(widths[2] ?? 0, 0);
  });

  test('says what happened without a picture as well', () => {
    const markdown = toMarkdownReport(toRunDocument(UNKNOWN, TARGET));
    expect(markdown).toContain(
      '| HOLDING | unresolved, keeps the lock | 2026-11-24T02:00:04Z | 5.5 s |',
    );
    const [picture] = pageOfRun(UNKNOWN).all('svg');
    expect(picture?.attributes['aria-label']).toContain('HOLDING 5.5 s');
    expect(picture?.text).toContain('unresolved, keeps the lock');
  });

  test('tells a phase that is not as it should be apart by a pattern, not by its colour alone', () => {
    const { all } = pageOfRun(UNKNOWN);
    const fills = all('rect').flatMap(({ attributes }) => attributes['fill'] ?? []);
    expect(fills).toEqual(['url(#on-caution)', 'url(#on-alarm)']);
  });

  test('is left out where the result reports neither phases nor evidence', () => {
    const timings = { ...result().timings, phasesMs: {} };
    expect(pageOfRun(reportOf({ timings })).all('svg')).toEqual([]);
  });

  test('of a maintenance has a bar for each leg that was started, in as many lanes as ran at once', () => {
    const { all } = pageOf(many(100));
    const bars = all('rect').filter(
      ({ attributes }) => Number(attributes['width']) > 0 && attributes['class']?.startsWith('bar'),
    );
    // One stands in the legend.
    expect(bars).toHaveLength(101);
    expect(new Set(bars.slice(0, 100).map(({ attributes }) => attributes['y'])).size).toBe(5);
    expect(titlesOf(pageOf(PARTIAL))).toContain('cache-2: UNKNOWN, 10 s');
  });
});

describe('the report', () => {
  test('leads with the outcome, what is true now and one command', () => {
    const { all } = pageOfRun(UNKNOWN);
    const [, headline] = [null, ...all('section')];
    expect(headline?.text).toMatch(
      /What happened.*Do not switch again.*not read after the PUT; before it: n1.*Find out:/s,
    );
    expect(headline?.text.match(/dcs-switchover /g)).toHaveLength(1);
    expect(headline?.text).toContain(`--examined-run ${RUN_ID}`);
  });

  test('puts failed checks first, and shows purpose and answer of each PUT', () => {
    const markdown = toMarkdownReport(toRunDocument(UNKNOWN, TARGET));
    expect(markdown).toMatch(
      /\| cool-down \| failed \| too early · Wait\. \|\n\| nodes-active \| passed/,
    );
    expect(markdown).toContain('| forward swap | possibly sent |');
    expect(markdown).toContain('| no answer within 15 s · no request id |');
  });

  test('never says that nothing is left to do where the outcome is UNKNOWN', () => {
    const { all } = pageOfRun({ ...UNKNOWN, message: 'Outcome unknown.' });
    expect(all('pre').map(({ text }) => text)).toEqual([
      `dcs-switchover verify ${TARGET.instanceId} --project ${TARGET.projectId} --examined-run ${RUN_ID}`,
    ]);
  });

  test('of a maintenance of 1000 instances has them all, and can still be sent by mail', () => {
    const document = toMaintenanceDocument(many(1_000), SOURCE);
    const html = toHtmlReport(document);
    expect(html.length).toBeLessThan(1_500_000);
    expect(toMarkdownReport(document).length).toBeLessThan(400_000);
    const ids = parsePage(html)
      .all('td')
      .filter(({ text }) => text.startsWith('22222222-'));
    expect(ids).toHaveLength(1_000);
  });
});

async function run(args: readonly string[], behaviour: FakeBehaviour = {}) {
  const io = createFakeIo({ env: { HUAWEICLOUD_SDK_PROJECT_ID: TARGET.projectId } });
  const exitCode = await runCli(args, io, createFakeClient(behaviour, createFakeOperator()));
  return { exitCode, io };
}

describe('the command', () => {
  const REPORT = ['report', TARGET.instanceId];

  test('prints Markdown, and HTML or data where -o says so', async () => {
    const { exitCode, io } = await run(REPORT);
    expect(exitCode).toBe(0);
    expect(io.stdout()).toMatch(/^# Switchover of .*: SUCCEEDED\n/);
    const html = await run([...REPORT, '-o', 'html']);
    expect(parsePage(html.io.stdout()).errors).toEqual([]);
    const json = await run([...REPORT, '-o', 'json']);
    expect(JSON.parse(json.io.stdout())).toMatchObject({
      outcome: 'SUCCEEDED',
      run: { runId: RUN_ID },
      puts: [],
    });
    expect((await run([...REPORT, '-o', 'table'])).exitCode).toBe(2);
  });

  test('judges nothing: a bad outcome is reported with exit code 0', async () => {
    const { exitCode, io } = await run(REPORT, { result: () => Promise.resolve(UNKNOWN) });
    expect(exitCode).toBe(0);
    expect(io.stdout()).toContain(': UNKNOWN\n');
  });

  test('writes one file, or a folder of all forms', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'dcs-switchover-test-'));
    try {
      const file = path.join(folder, 'new', 'ticket.html');
      expect((await run([...REPORT, '--report', file])).io.stderr()).toBe(`Report: ${file}\n`);
      expect(parsePage(await readFile(file, 'utf8')).all('h1')).toHaveLength(1);
      await run([...REPORT, '--report', path.join(folder, 'all')]);
      const base = `${TARGET.instanceId}.2026-11-24T020000Z`;
      expect((await readdir(path.join(folder, 'all'))).sort()).toEqual(
        ['html', 'json', 'md'].map((form) => `${base}.${form}`),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('of a run that is open ends with 9 and the command that waits for it', async () => {
    const ref = { ...TARGET, runId: RUN_ID };
    const { exitCode, io } = await run(REPORT, {
      result: () => Promise.reject(new WaitTimedOutError(ref, RUN_ID, 0)),
    });
    expect(exitCode).toBe(9);
    expect(io.stdout()).toBe('');
    expect(io.stderr()).toContain(`has not ended`);
    expect(io.stderr()).toContain(
      `dcs-switchover wait ${TARGET.instanceId} --project ${TARGET.projectId} --run ${RUN_ID}`,
    );
  });
});

test('each recorded run of a switch has a report in every form', () => {
  const folder = path.join(__dirname, '../replay/histories');
  const recorded = readdirSync(folder).flatMap((file) => {
    const ended = resultIn(readFileSync(path.join(folder, file), 'utf8'));
    return ended === null ? [] : [ended];
  });
  expect(recorded.length).toBeGreaterThan(20);
  for (const ended of recorded) {
    const report = { ...ended, run: { workflowId: 'w', runId: RUN_ID }, puts: [] };
    const document = toRunDocument(report, TARGET);
    expect(parsePage(toHtmlReport(document)).errors).toEqual([]);
    expect(toMarkdownReport(document)).toContain(`: ${ended.outcome.replaceAll('_', '\\_')}\n`);
  }
});

/** The result with which a recorded history ended; `null` where it is no switchover's, or has none. */
function resultIn(text: string): SwitchoverResult | null {
  const { events } = JSON.parse(text) as { events: readonly unknown[] };
  const last = JSON.stringify(events.at(-1));
  for (const [, data = ''] of last.matchAll(/"data":"([^"]+)"/g)) {
    const value = JSON.parse(
      Buffer.from(data, 'base64').toString('utf8'),
    ) as Partial<SwitchoverResult>;
    if (value.outcome !== undefined && value.timings !== undefined)
      return value as SwitchoverResult;
  }
  return null;
}
