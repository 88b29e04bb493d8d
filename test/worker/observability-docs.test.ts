/** What the documentation says of metrics is what the worker reports. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { METRICS } from '../../src/domain/telemetry.js';
import type { MetricSpec } from '../../src/domain/telemetry.js';

const text = readFileSync(path.join(__dirname, '../../docs/observability.md'), 'utf8');
const specs: readonly MetricSpec[] = Object.values(METRICS);

/** As Prometheus shows it. */
const shownName = ({ kind, name }: MetricSpec): string =>
  kind === 'counter' ? `${name}_total` : name;

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
});
