/** What reports show of what Redis itself showed: figures, and the picture of the lanes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  formatMaintenanceProgress,
  formatMaintenanceResult,
} from '../../src/cli/format/maintenance-result.js';
import { runCli } from '../../src/cli/program.js';
import { drawAvailability } from '../../src/cli/report/availability.js';
import { inlineSvg } from '../../src/cli/report/chart.js';
import { toHtmlReport } from '../../src/cli/report/html.js';
import { toMaintenanceDocument } from '../../src/cli/report/maintenance-report.js';
import { toMarkdownReport } from '../../src/cli/report/markdown.js';
import { toRunDocument } from '../../src/cli/report/run-report.js';
import type { SwitchoverReport } from '../../src/client.js';
import type { DataPlaneReport } from '../../src/contract/index.js';
import { result } from '../client/support/facts.js';
import { calmLane, lane, measured, witnessOnly } from '../support/data-plane.js';
import { parsePage } from '../support/html-page.js';
import type { Page } from '../support/html-page.js';

import { createFakeClient, RUN_ID } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { createFakeOperator } from './support/fake-operator.js';
import { item, leg, maintenanceResult, progress } from './support/maintenance-facts.js';
import { plain } from './support/plain.js';

const TARGET = { instanceId: result().instanceId, projectId: result().projectId };

const PUT: SwitchoverReport['puts'][number] = {
  ...{ purpose: 'forward', state: 'accepted', jobId: 'job-1', requestId: 'q-1', detail: null },
  ...{ scheduledAt: '2026-11-24T02:00:00.400Z', endedAt: '2026-11-24T02:00:00.700Z' },
};

const runOf = (dataPlane?: DataPlaneReport): SwitchoverReport => ({
  ...result(dataPlane === undefined ? {} : { dataPlane }),
  run: { workflowId: 'dcs-switchover:p:i', runId: RUN_ID },
  puts: [PUT],
});

const htmlOf = (dataPlane?: DataPlaneReport): string =>
  toHtmlReport(toRunDocument(runOf(dataPlane), TARGET));
const markdownOf = (dataPlane?: DataPlaneReport): string =>
  toMarkdownReport(toRunDocument(runOf(dataPlane), TARGET));

/** The picture alone. */
function pictureOf(dataPlane: DataPlaneReport): Page {
  const picture = drawAvailability(runOf(dataPlane));
  return parsePage(picture === null ? '' : inlineSvg(picture).markup);
}

/** Widths of the shapes of a kind, in the order of the paths: first the whole run, then what is enlarged. */
function widthsOf({ all }: Page, kind: string): number[][] {
  const paths = all('path').filter(({ attributes }) => attributes['class'] === `cell ${kind}`);
  // The last is the key of the legend.
  return paths
    .slice(0, -1)
    .map(({ attributes }) =>
      [...(attributes['d'] ?? '').matchAll(/h([\d.]+)v/g)].map(([, width]) => Number(width)),
    );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

describe('the picture of a measured run', () => {
  test('has a row for each lane, and each kind in it as wide as it lasted', () => {
    const page = pictureOf(measured());
    const [wholeT = [], zoomT = []] = widthsOf(page, 't');
    const [wholeR = [], zoomR = []] = widthsOf(page, 'r');
    expect(sum(wholeT) / sum(wholeR)).toBeCloseTo(7 / 6, 1);
    expect(page.all('text').map(({ text }) => text)).toEqual(
      expect.arrayContaining(['phases', 'writes', 'reads', 'PUT', 'no answer', 'read-only']),
    );
    expect(zoomT).toHaveLength(7);
    expect(zoomR).toHaveLength(6);
  });

  test('enlarges what is around the longest interruption, a cell a period', () => {
    const page = pictureOf(measured());
    expect(page.all('text').map(({ text }) => text)).toContain('writes interrupted 0.36–0.71 s');
    const single = widthsOf(page, 'o')
      .flat()
      .filter((width) => width < 40);
    expect(single.length).toBeGreaterThan(2 * 16);
    expect(Math.max(...single) - Math.min(...single)).toBeLessThan(0.3);
  });

  test('tells the kinds apart by hatching as well as by colour', () => {
    const { all } = pictureOf(
      measured({ write: lane({ strip: '20o3r3t3x3e3u20o' }), read: calmLane() }),
    );
    const fills = all('path').flatMap(({ attributes }) =>
      (attributes['class'] ?? '').startsWith('cell') ? [attributes['fill'] ?? 'none'] : [],
    );
    const named = ['none', ...['r', 't', 'x', 'e', 'u'].map((kind) => `url(#cell-${kind})`)];
    expect([...new Set(fills)].sort()).toEqual([...named].sort());
    const marks = all('pattern').map(({ children }) => JSON.stringify(children[1]));
    expect(new Set(marks).size).toBe(5);
  });

  test('never shows as answered what is not known to be', () => {
    for (const strip of ['40u', '40z', '40O'])
      expect(widthsOf(pictureOf(measured({ write: lane({ strip }), read: null })), 'o')).toEqual(
        [],
      );
  });

  test('never loses a short failure in a long run', () => {
    const page = pictureOf(measured({ write: lane({ strip: '6000o1x6000o' }), read: null }));
    expect(widthsOf(page, 'x')[0]).toEqual([1.5]);
  });

  test('leaves out phases and PUT where the clock of the worker does not fit', () => {
    const quality = { ...measured().quality, armedAt: '2026-11-24T02:11:00.200Z' };
    const texts = pictureOf(measured({ quality }))
      .all('text')
      .map(({ text }) => text);
    expect(texts).not.toContain('PUT');
    expect(texts).not.toContain('phases');
    expect(htmlOf(measured({ quality }))).toContain('does not fit that of Temporal');
  });

  test('stays in proportion and in its frame, whatever the strip', () => {
    const runs = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 4_000 }), fc.constantFrom('o', 't', 'r', 'x', 'e', 'u')),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(runs, (stretches) => {
        const strip = stretches.map(([count, kind]) => `${count}${kind}`).join('');
        const { all, errors } = pictureOf(measured({ write: lane({ strip }), read: null }));
        expect(errors.filter((error) => !error.startsWith('missing-doctype'))).toEqual([]);
        for (const { attributes } of all('path'))
          for (const [, x, width] of (attributes['d'] ?? '').matchAll(
            /M([\d.]+) [\d.]+h([\d.]+)v/g,
          ))
            expect(Number(x) + Number(width)).toBeLessThan(960);
      }),
      { numRuns: 50 },
    );
  });

  test('stays small with the longest strips that a result can hold', () => {
    const strip = Array.from({ length: 512 }, (_, at) => `${30 + at}${'otrxeu'[at % 6]}`).join('');
    const long = htmlOf(measured({ write: lane({ strip }), read: lane({ strip }) }));
    expect(long.length - htmlOf(witnessOnly()).length).toBeLessThan(60_000);
  });
});

describe('the report of a measured run', () => {
  test('holds the figures of the result, in HTML and in Markdown', () => {
    const lostWrites = { count: 25, of: 512, perSecond: 20, why: null };
    const report = measured({ lostWrites, write: lane({ errors: { readonly: 4, refused: 19 } }) });
    const { all } = parsePage(htmlOf(report));
    const facts = all('dd').map(({ text }) => text);
    expect(facts).toEqual(
      expect.arrayContaining([
        'interrupted 0.36–0.71 s, 25 of 512 test writes lost (about 1.3 s of writes)',
        'moved once (MOVED)',
        'writes: 4 readonly, 19 refused (166 answered); reads: none (173 answered)',
        'closed by the other side 1.9 s after the PUT',
        '192.168.0.10:6379',
      ]),
    );
    const markdown = markdownOf(report);
    expect(markdown).toContain('| writes | 2026-11-24T02:00:02.450Z | 0.36–0.71 s | timeout, ');
    expect(markdown).toContain(`| Process | \`${'a'.repeat(40)}\` | \`${'c'.repeat(40)}\` |`);
    expect(markdown).toContain('25 of 512 test writes lost');
  });

  test('says what the figures do not cover', () => {
    expect(markdownOf(measured({ coverage: 'begins-late' }))).toContain('ready only after the PUT');
    const quality = { ...measured().quality, unseenMs: 350 };
    expect(markdownOf(measured({ quality }))).toContain('hiding 0.3 s of the lanes');
  });

  test('has no figures where there was only the witness', () => {
    const markdown = markdownOf(witnessOnly());
    expect(markdown).toContain('| Writes | not measured (no measurement was asked for) |');
    expect(markdown).toContain('moved once (MOVED)');
    expect(markdown).not.toMatch(/Coverage|Answer times|Errors/);
    // What is left is the timeline.
    expect(parsePage(htmlOf(witnessOnly())).all('svg')).toHaveLength(1);
  });

  test('has not a word about the data plane where no one looked', () => {
    expect(htmlOf()).not.toMatch(/Redis|Writes|witness/i);
  });
});

describe('a maintenance', () => {
  const FIGURES = { minMs: 361, maxMs: 701, lostWrites: 25, coverage: 'whole' } as const;
  const items = [item(1, leg({ figures: FIGURES })), item(2)];
  const source = { name: 'drain', workflowId: 'dcs-maintenance:drain', runId: null };

  test('shows what each switchover cost, and all of them, in its report', () => {
    const markdown = toMarkdownReport(toMaintenanceDocument(maintenanceResult({ items }), source));
    expect(markdown).toContain('| Interrupted | longest 0.36–0.71 s, 25 test writes lost, 1 of 2 ');
    expect(markdown).toContain('| SUCCEEDED | 0.36–0.71 s · 25 lost |');
    expect(markdown).toContain('| SUCCEEDED | not measured |');
  });

  test('shows the same while it goes on and when it has ended', () => {
    const shown = [
      plain(formatMaintenanceResult(maintenanceResult({ items }), source)),
      plain(formatMaintenanceProgress(progress({ items }), source)),
    ];
    for (const text of shown) {
      expect(text).toMatch(/NAME +INSTANCE +STATE +MASTER +INTERRUPTED/);
      expect(text).toMatch(/cache-1 .*0\.36–0\.71 s, 25 lost/);
      expect(text).toMatch(/\ninterrupted +longest 0\.36–0\.71 s, 25 test writes lost, 1 of 2/);
    }
  });

  test('has not a word of it where nothing was measured', () => {
    const calm = maintenanceResult();
    expect(toMarkdownReport(toMaintenanceDocument(calm, source))).not.toMatch(/interrupted/i);
    expect(plain(formatMaintenanceResult(calm, source))).not.toMatch(/interrupted/i);
  });
});

test('the picture alone is a file that needs nothing else', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'dcs-switchover-test-'));
  try {
    const file = path.join(folder, 'strip.svg');
    const io = createFakeIo({ env: { HUAWEICLOUD_SDK_PROJECT_ID: TARGET.projectId } });
    const behaviour = { result: () => Promise.resolve(runOf(measured())) };
    const client = createFakeClient(behaviour, createFakeOperator());
    expect(await runCli(['report', TARGET.instanceId, '--report', file], io, client)).toBe(0);
    const svg = await readFile(file, 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="-16 -16 992 \d+"/);
    expect(svg).not.toMatch(/<script|href|@import|url\((?!#cell-)/);
    expect(svg).toContain('prefers-color-scheme: dark');
    const names = new Set(parsePage(svg).elements.map(({ name }) => name));
    for (const name of ['svg', 'style', 'path', 'text']) expect(names).toContain(name);
  } finally {
    await rm(folder, { recursive: true });
  }
});
