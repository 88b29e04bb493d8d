/** Prometheus and its promtool, as found or fetched; one that scrapes and can be asked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { pickFreePorts } from '../../src/free-ports.js';
import { waitUntil } from '../../src/simulator/basics.js';

/** Paths of the programs; fetches them where they are not there, and throws where that fails. */
export function findPrometheus(): { readonly prometheus: string; readonly promtool: string } {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a script, not a module
  const { preparePrometheus } = require('../../scripts/prepare-prometheus.cjs') as {
    preparePrometheus: () => { prometheus: string; promtool: string };
  };
  return preparePrometheus();
}

/** One series that a query found. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
}

/** A rule as Prometheus has evaluated it. */
export interface EvaluatedRule {
  readonly name: string;
  /** `ok`, `err` or `unknown`: not evaluated yet. */
  readonly health: string;
}

/** A running Prometheus. */
export interface Prometheus {
  /** @throws Error with its answer to a query that is none */
  readonly query: (expr: string) => Promise<readonly Series[]>;
  readonly rules: () => Promise<readonly EvaluatedRule[]>;
  readonly stop: () => Promise<void>;
}

/** It starts in a second; a loaded machine gets the rest. */
const START_TIMEOUT_MS = 60_000;

/** Starts one that scrapes the workers of these URLs every second, as the job of the alerts. */
export async function startPrometheus(
  urls: readonly string[],
  rulesFile: string,
): Promise<Prometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-prometheus-'));
  const file = path.join(folder, 'prometheus.json');
  writeFileSync(file, JSON.stringify(configFor(urls, rulesFile)));
  const [port = 0] = await pickFreePorts(1);
  const address = `127.0.0.1:${port}`;
  const flags = ['config.file', file, 'storage.tsdb.path', folder, 'web.listen-address', address];
  const args = flags.flatMap((flag, index) => (index % 2 === 0 ? [`--${flag}`] : [flag]));
  const child = spawn(findPrometheus().prometheus, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const ask = async <T>(route: string, body?: URLSearchParams): Promise<T> => {
    const answer = await fetch(`http://${address}/api/v1/${route}`, {
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    if (!answer.ok) throw new Error(`${route}: ${await answer.text()}`);
    return ((await answer.json()) as { readonly data: T }).data;
  };
  await waitUntil(
    'Prometheus',
    START_TIMEOUT_MS,
    async () => (await fetch(`http://${address}/-/ready`)).ok,
  );
  return {
    query: async (query) =>
      (await ask<{ result: Series[] }>('query', new URLSearchParams({ query }))).result,
    rules: async () => {
      const { groups } = await ask<{ groups: { rules: EvaluatedRule[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules);
    },
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configFor(urls: readonly string[], rulesFile: string): object {
  const targets = urls.map((url) => new URL(url).host);
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rulesFile],
    scrape_configs: [{ job_name: 'dcs-switchover', static_configs: [{ targets }] }],
  };
}
