/** What the documentation says of metrics and alerts is what the worker reports. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { MAINTENANCE_OUTCOMES, OUTCOMES } from '../../src/contract/index.js';
import { METRICS } from '../../src/domain/telemetry.js';
import type { MetricSpec } from '../../src/domain/telemetry.js';

const text = readFileSync(path.join(__dirname, '../../docs/observability.md'), 'utf8');
const specs: readonly MetricSpec[] = Object.values(METRICS);

/** As Prometheus shows it. */
const shownName = ({ kind, name }: MetricSpec): string =>
  kind === 'counter' ? `${name}_total` : name;

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}

describe('docs/observability.md', () => {
  test('has a row for every metric, with its kind and its labels, and no other', () => {
    const rows = [...text.matchAll(/^\| `(dcs_switchover_\w+)` +\| (\w+) +\| (.*?) *\|/gm)];
    const reported = rows.map(([, name, kind, labels = '']) => ({
      name,
      kind,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }));
    const meant = specs.map((spec) => ({
      name: shownName(spec),
      kind: spec.kind,
      labels: [...spec.labels],
    }));
    expect(reported).toEqual(meant);
  });

  test('its alerts can be parsed, and ask only for metrics and outcomes that exist', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    const rules = (parse(yaml) as Rules).groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThanOrEqual(4);
    const names = specs.map(shownName);
    for (const { expr } of rules) {
      for (const [name] of expr.matchAll(/dcs_switchover_\w+/g)) expect(names).toContain(name);
      for (const [, words = ''] of expr.matchAll(/outcome=~?"([\w|]+)"/g))
        expect([...OUTCOMES, ...MAINTENANCE_OUTCOMES]).toEqual(
          expect.arrayContaining(words.split('|')),
        );
    }
  });
});
