/** The alerts of deploy/monitoring: judged by promtool, and about what a worker really reports. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';

import { MAINTENANCE_OUTCOMES, OUTCOMES } from '../../src/contract/index.js';
import { METRICS } from '../../src/domain/telemetry.js';
import type { MetricSpec } from '../../src/domain/telemetry.js';
import { findPrometheus } from '../support/prometheus.js';

/** The first run on a machine fetches Prometheus. */
jest.setTimeout(300_000);

const ROOT = path.join(__dirname, '../..');
const RULES = path.join(ROOT, 'deploy/monitoring/rules.yaml');
const CASES = path.join(__dirname, 'monitoring/rules.test.yaml');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: { readonly summary: string };
    }[];
  }[];
}

interface Cases {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly object[];
    }[];
  }[];
}

const read = (file: string): string => readFileSync(file, 'utf8');
const rules = (parse(read(RULES)) as Rules).groups.flatMap((group) => group.rules);

function promtool(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(findPrometheus().promtool, args, {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}

/** As Prometheus shows it. */
const namesOf = ({ kind, name }: MetricSpec): string[] => {
  if (kind === 'counter') return [`${name}_total`];
  return kind === 'gauge' ? [name] : ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`);
};

describe('the alerts', () => {
  test('are rules for Prometheus', () => {
    const { status, said } = promtool('check', 'rules', RULES);
    expect(said).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(status).toBe(0);
  });

  test('fire when they should, and only then', () => {
    expect(promtool('test', 'rules', CASES)).toEqual({
      status: 0,
      said: expect.stringContaining('SUCCESS'),
    });
  });

  test('have each a case in which they fire, and one in which they do not', () => {
    const cases = (parse(read(CASES)) as Cases).tests.flatMap((each) => each.alert_rule_test);
    const names = (isFiring: boolean) =>
      new Set(
        cases
          .filter(({ exp_alerts = [] }) => exp_alerts.length > 0 === isFiring)
          .map(({ alertname }) => alertname),
      );
    const alerts = new Set(rules.map(({ alert }) => alert));
    expect(names(true)).toEqual(alerts);
    expect(names(false)).toEqual(alerts);
  });

  test('ask only for metrics, labels and outcomes that exist', () => {
    const specs: readonly MetricSpec[] = Object.values(METRICS);
    for (const { expr } of rules) {
      for (const [, name = '', matchers = ''] of expr.matchAll(
        /(dcs_switchover_\w+)(?:\{([^}]*)\})?/g,
      )) {
        const spec = specs.find((each) => namesOf(each).includes(name));
        expect([name, spec?.kind]).not.toEqual([name, undefined]);
        const labels = [...matchers.matchAll(/(\w+)[=!]/g)].map(([, label]) => label);
        expect(spec?.labels).toEqual(expect.arrayContaining(labels));
      }
      for (const [, words = ''] of expr.matchAll(/outcome=~?"([\w|]+)"/g))
        expect([...OUTCOMES, ...MAINTENANCE_OUTCOMES]).toEqual(
          expect.arrayContaining(words.split('|')),
        );
    }
  });

  test('name pages of the documentation that are there', () => {
    const links = rules.flatMap(({ annotations: { summary } }) => [
      ...summary.matchAll(/(docs\/[\w-]+\.md)(?:#([\w-]+))?/g),
    ]);
    expect(links.length).toBeGreaterThan(2);
    for (const [, file = '', anchor] of links) {
      const headings = [...read(path.join(ROOT, file)).matchAll(/^#+ (.*)$/gm)].map(
        ([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'),
      );
      expect(headings).toContain(anchor ?? headings[0]);
    }
  });
});

describe('the PodMonitor', () => {
  test('finds the pods of the manifests by their label, and names the job as the alerts do', () => {
    const { spec } = parse(read(path.join(ROOT, 'deploy/monitoring/pod-monitor.yaml'))) as {
      readonly spec: {
        readonly selector: { readonly matchLabels: Record<string, string> };
        readonly jobLabel: string;
        readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
      };
    };
    const deployment = parse(read(path.join(ROOT, 'deploy/kubernetes/deployment.yaml'))) as {
      readonly spec: {
        readonly template: {
          readonly metadata: { readonly labels: Record<string, string> };
          readonly spec: {
            readonly containers: readonly [
              { readonly ports: readonly [{ readonly name: string }] },
            ];
          };
        };
      };
    };
    const { metadata, spec: pod } = deployment.spec.template;
    expect(metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(metadata.labels[spec.jobLabel]).toBe('dcs-switchover');
    expect(spec.podMetricsEndpoints).toMatchObject([
      { port: pod.containers[0].ports[0].name, path: '/metrics' },
    ]);
    expect(rules.map(({ expr }) => expr).join()).toContain('job="dcs-switchover"');
  });
});
