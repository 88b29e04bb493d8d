/** The manifests agree with the worker: its variables, paths, times and rights. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { loadWorkerConfig } from '../../src/config/index.js';
import { createHealth } from '../../src/worker/health.js';
import { createRoutes } from '../../src/worker/http.js';
import { FORCE_SECONDS } from '../../src/worker/options.js';

const ROOT = path.join(__dirname, '../..');
const FOLDER = path.join(ROOT, 'deploy/kubernetes');
const APP = 'app.kubernetes.io/name';

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { name: string; mountPath: string; readOnly: boolean }[];
  readonly securityContext: unknown;
  readonly resources: {
    readonly requests: { readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds?: number;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
  readonly spec: {
    readonly replicas: number;
    readonly minAvailable: number;
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly podSelector: { readonly matchLabels: Record<string, string> };
    readonly egress: readonly {
      readonly to?: readonly { readonly ipBlock?: { cidr: string; except?: readonly string[] } }[];
      readonly ports: readonly { readonly port: number }[];
    }[];
    readonly template: {
      readonly metadata: {
        readonly labels: Record<string, string>;
        readonly annotations: Record<string, string>;
      };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly automountServiceAccountToken: boolean;
        readonly serviceAccountName?: string;
        readonly securityContext: { readonly runAsUser: number };
        readonly containers: readonly Container[];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap?: { name: string };
        }[];
      };
    };
  };
}

const manifests = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(path.join(FOLDER, file), 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${String(document.errors[0])}`);
    return document.toJS() as Manifest;
  }),
);

function only(kind: string): Manifest {
  const [found, ...others] = manifests.filter((manifest) => manifest.kind === kind);
  if (found === undefined || others.length > 0) throw new Error(`not exactly one ${kind}`);
  return found;
}

/** The documents of the variant without a key. */
const keyless = (file: string): Manifest =>
  parseAllDocuments(
    readFileSync(path.join(ROOT, 'deploy/kubernetes-pod-identity', file), 'utf8'),
  )[0]?.toJS() as Manifest;

const deployment = only('Deployment');
const pod = deployment.spec.template.spec;
const [container] = pod.containers as [Container];
const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));

describe('the Kubernetes manifests', () => {
  test('are all listed, and select the pods of the deployment', () => {
    const files = readdirSync(FOLDER).filter((file) => file !== 'kustomization.yaml');
    expect([...(only('Kustomization').resources ?? [])].sort()).toEqual(files.sort());
    const labels = { [APP]: 'dcs-switchover' };
    expect(deployment.spec.selector.matchLabels).toEqual(labels);
    expect(deployment.spec.template.metadata.labels).toEqual(labels);
    expect(only('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(only('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
  });

  test('every variable is documented, is not a secret, and is a text', () => {
    const documented = readFileSync(path.join(ROOT, 'docs/configuration.md'), 'utf8');
    for (const { name, value } of container.env) {
      expect(documented).toContain(`\`${name}\``);
      expect(typeof value).toBe('string');
      expect(name).not.toMatch(/_(?:AK|SK|PASSWORD|API_KEY|KEY_DATA)$/);
    }
  });

  test('the settings and the file are accepted by the worker', () => {
    const text = only('ConfigMap').data?.['projects.yaml'] ?? '';
    const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-'));
    const file = path.join(folder, 'projects.yaml');
    writeFileSync(file, text);
    const config = loadWorkerConfig({ ...env, DCS_SWITCHOVER_CONFIG: file });
    rmSync(folder, { recursive: true });
    expect(config.projects).toHaveLength(1);
    expect(config.projects[0]?.credentials).toMatchObject({ source: 'files' });
    expect(config.http).toEqual({ host: '0.0.0.0', port: 8080 });
  });

  test('what they say of Redis in comments is accepted once it is none', () => {
    const uncommented = (text: string) =>
      text.replace(/^( *)# ((?: *- | *ports:| *\w+File:|dataPlane:).*)$/gm, '$1$2');
    const text = uncommented(only('ConfigMap').data?.['projects.yaml'] ?? '');
    const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-'));
    const file = path.join(folder, 'projects.yaml');
    writeFileSync(file, text);
    const [project] = loadWorkerConfig({ ...env, DCS_SWITCHOVER_CONFIG: file }).projects;
    rmSync(folder, { recursive: true });
    const mounted = '/var/run/secrets/dcs/';
    expect(project?.dataPlane).toMatchObject([
      { usernameFile: `${mounted}redis-user`, passwordFile: `${mounted}redis-password` },
    ]);
    const policy = readFileSync(path.join(FOLDER, 'network-policy.yaml'), 'utf8');
    const { spec } = parseAllDocuments(uncommented(policy))[0]?.toJS() as Manifest;
    expect(spec.egress.at(-1)?.ports).toEqual([{ protocol: 'TCP', port: 6379 }]);
    expect(spec.egress).toHaveLength(only('NetworkPolicy').spec.egress.length + 1);
  });

  test('every file that is named lies in a mounted volume', () => {
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    const text = `${only('ConfigMap').data?.['projects.yaml'] ?? ''} ${Object.values(env).join(' ')}`;
    const files = [...text.matchAll(/\/(?:etc|var)\/[\w./-]+/g)].map(([name]) => name);
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const file of files) expect(mounts).toContain(path.dirname(file));
    expect(container.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
    expect(pod.volumes.map(({ name }) => name).sort()).toEqual(
      container.volumeMounts.map(({ name }) => name).sort(),
    );
  });

  test('probes and the scraper ask paths that are served, on the port that is opened', () => {
    const served = Object.keys(
      createRoutes(createHealth({ hasBundle: () => true }), () => Promise.reject(new Error())),
    );
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
    const { annotations } = deployment.spec.template.metadata;
    for (const asked of ['/healthz', '/readyz', annotations['prometheus.io/path']])
      expect(served).toContain(asked);
    const port = Number(env['DCS_SWITCHOVER_HTTP_PORT']);
    expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
    expect(annotations['prometheus.io/port']).toBe(String(port));
    // The readiness question to Temporal takes up to 2 s.
    expect(container.readinessProbe.timeoutSeconds).toBeGreaterThan(2);
  });

  test('the pod is given longer than the worker may take to drain', () => {
    const grace = Number(env['DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS']);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(grace + FORCE_SECONDS + 5);
  });

  test('the pod asks for the memory that a maintenance of 1000 instances was measured to take', () => {
    const [, sizes = ''] = readFileSync(path.join(ROOT, 'docs/benchmark.md'), 'utf8').split(
      'sizes -->',
    );
    const peaks = [...sizes.matchAll(/^\| 1000 .*\| +(\d+) \|$/gm)].map(([, mib]) => Number(mib));
    expect(peaks).toHaveLength(1);
    const [peakMiB = NaN] = peaks;
    const toMiB = (text: string): number => parseInt(text, 10) * (text.endsWith('Gi') ? 1024 : 1);
    const { requests, limits } = container.resources;
    expect(toMiB(requests.memory)).toBeGreaterThanOrEqual(peakMiB);
    // Another release, or several projects, may need more: half as much again is left.
    expect(toMiB(limits.memory)).toBeGreaterThanOrEqual(1.5 * peakMiB);
  });

  test('nothing runs as root, gains rights or writes', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(container.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    const dockerfile = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');
    expect(dockerfile).toContain(`\nUSER ${pod.securityContext.runAsUser}:`);
  });

  test('a worker is always left, and egress is DNS, Temporal, a proxy and https', () => {
    expect(deployment.spec.replicas).toBeGreaterThanOrEqual(2);
    expect(only('PodDisruptionBudget').spec.minAvailable).toBe(1);
    const ports = only('NetworkPolicy').spec.egress.flatMap((rule) =>
      rule.ports.map(({ port }) => port),
    );
    expect([...new Set(ports)]).toEqual([53, 7233, 3128, 443]);
    expect(env['TEMPORAL_ADDRESS']).toMatch(/:7233$/);
  });

  test('the cache of NodeLocal DNS may be asked, and no metadata address', () => {
    const blocks = only('NetworkPolicy').spec.egress.flatMap(({ to = [] }) =>
      to.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock])),
    );
    expect(blocks).toContainEqual({ cidr: '169.254.20.10/32' });
    const agent = keyless('network-policy.yaml').spec.egress[0]?.to?.[0]?.ipBlock;
    const open = [...blocks, agent].filter((block) => /^(0|169\.254)\.0/.test(block?.cidr ?? ''));
    expect(open.map((block) => block?.except)).toEqual([
      ['169.254.169.254/32'],
      ['169.254.169.254/32'],
    ]);
  });

  test('the variant without a key is accepted by the worker in a pod that has an identity', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-'));
    const file = path.join(folder, 'projects.yaml');
    writeFileSync(file, keyless('config.yaml').data?.['projects.yaml'] ?? '');
    const given = {
      HC_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/secrets/pod-identity/token',
    };
    const config = loadWorkerConfig({ ...env, ...given, DCS_SWITCHOVER_CONFIG: file });
    rmSync(folder, { recursive: true });
    expect(config.projects[0]?.credentials).toMatchObject({ source: 'pod-identity' });
  });

  test('the variant without a key takes the key away, and names what is there', () => {
    const kustomization = keyless('kustomization.yaml');
    const listed = [
      ...(kustomization.resources ?? []),
      ...(kustomization.patches ?? []).map((patch) => patch.path),
    ].filter((name) => name !== '../kubernetes');
    const files = readdirSync(path.join(ROOT, 'deploy/kubernetes-pod-identity'));
    expect(listed.sort()).toEqual(files.filter((file) => file !== 'kustomization.yaml').sort());
    const patch = keyless('deployment.yaml');
    expect(patch.metadata.name).toBe(deployment.metadata.name);
    expect(keyless('config.yaml').metadata.name).toBe(only('ConfigMap').metadata.name);
    const { serviceAccountName, containers, volumes } = patch.spec.template.spec;
    expect(serviceAccountName).toBe(keyless('service-account.yaml').metadata.name);
    const removed = { $patch: 'delete' };
    const [mount] = container.volumeMounts.filter(({ name }) => name === 'dcs');
    expect(containers[0]?.volumeMounts).toEqual([{ mountPath: mount?.mountPath, ...removed }]);
    expect(volumes).toEqual([{ name: 'dcs', ...removed }]);
    expect(keyless('network-policy.yaml').spec.podSelector.matchLabels).toEqual(
      deployment.spec.selector.matchLabels,
    );
  });

  test('the image is that of this version', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(container.image).toBe(`dcs-switchover:${version}`);
    expect(container.args).toEqual(['worker']);
  });
});
