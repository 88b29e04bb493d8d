/** The worker's HTTP port as a probe or a scraper sees it. */
import type { WorkerProcess } from '../../src/dev/stack.js';
import type { Readiness } from '../../src/worker/health.js';

/** Lets a worker take any free port. */
export const ANY_PORT = { DCS_SWITCHOVER_HTTP_PORT: '0' };

/** Base URL of a worker that was started with {@link ANY_PORT}; it logs its port. */
export function httpOf(worker: WorkerProcess): string {
  const line = worker.log().find((text) => text.includes('"http server listening"'));
  if (line === undefined) throw new Error('The worker has not reported its port.');
  const { port } = JSON.parse(line) as { readonly port: number };
  return `http://127.0.0.1:${port}`;
}

/** A worker answers at once; a loaded machine gets the rest. */
const ANSWER_TIMEOUT_MS = 30_000;

/** What `/readyz` says; `null` when nothing answers any more. */
export async function readinessOf(url: string): Promise<(Readiness & { status: number }) | null> {
  try {
    const answer = await fetch(`${url}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return { ...((await answer.json()) as Readiness), status: answer.status };
  } catch {
    return null;
  }
}

/** One line of an exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Scrapes `/metrics`. */
export async function scrape(url: string): Promise<readonly Sample[]> {
  const answer = await fetch(`${url}/metrics`);
  if (answer.status !== 200) throw new Error(`scrape: ${answer.status}`);
  return parseExposition(await answer.text());
}

/** Parses what Prometheus would. */
export function parseExposition(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) return [];
    const [, name = '', labels = '', value = ''] = match;
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', word = '']) => [
      key,
      word,
    ]);
    return [
      { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) },
    ];
  });
}

/** Sum of the samples of a name, by the values of the given labels, joined by spaces. */
export function sumBy(
  samples: readonly Sample[],
  name: string,
  ...by: readonly string[]
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { labels, value } of samples.filter((sample) => sample.name === name)) {
    const key = by.map((label) => labels[label] ?? '').join(' ');
    sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}
