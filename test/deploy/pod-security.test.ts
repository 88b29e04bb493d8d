/**
 * The pod fits the restricted profile of Kubernetes' Pod Security Standards, control by control, as its admission
 * judges it: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { parseDocument } from 'yaml';

interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly procMount?: string;
  readonly seccompProfile?: { readonly type: string };
  readonly appArmorProfile?: { readonly type: string };
  readonly seLinuxOptions?: object;
  readonly sysctls?: readonly object[];
  readonly windowsOptions?: object;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
}

interface Container {
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly hostPort?: number }[];
}

interface Pod {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly object[];
}

/** A pod as its manifest has it, and what of it holds for each container. */
interface Judged {
  readonly pod: Pod;
  readonly containers: readonly Container[];
  /** A container's own word wins over the pod's. */
  readonly contexts: readonly SecurityContext[];
}

const VOLUMES = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim'],
  ...['projected', 'secret'],
];

const CONTROLS: Readonly<Record<string, (judged: Judged) => boolean>> = {
  'host namespaces': ({ pod }) =>
    [pod.hostNetwork, pod.hostPID, pod.hostIPC].every((isShared) => isShared !== true),
  'privileged containers': ({ contexts }) =>
    contexts.every(({ privileged }) => privileged !== true),
  capabilities: ({ containers }) =>
    containers.every(({ securityContext: { capabilities = {} } = {} }) => {
      const { drop = [], add = [] } = capabilities;
      return drop.includes('ALL') && add.every((name) => name === 'NET_BIND_SERVICE');
    }),
  'volume types': ({ pod: { volumes = [] } }) =>
    volumes.every((volume) =>
      Object.keys(volume).every((key) => key === 'name' || VOLUMES.includes(key)),
    ),
  'host ports': ({ containers }) =>
    containers.every(({ ports = [] }) => ports.every(({ hostPort = 0 }) => hostPort === 0)),
  AppArmor: ({ contexts }) =>
    contexts.every(({ appArmorProfile }) => appArmorProfile?.type !== 'Unconfined'),
  SELinux: ({ contexts }) => contexts.every(({ seLinuxOptions }) => seLinuxOptions === undefined),
  '/proc mount type': ({ contexts }) =>
    contexts.every(({ procMount = 'Default' }) => procMount === 'Default'),
  sysctls: ({ pod }) => (pod.securityContext?.sysctls ?? []).length === 0,
  'privilege escalation': ({ contexts }) =>
    contexts.every(({ allowPrivilegeEscalation }) => allowPrivilegeEscalation === false),
  'running as non-root': ({ contexts }) =>
    contexts.every(({ runAsNonRoot }) => runAsNonRoot === true),
  'user that is not root': ({ contexts }) => contexts.every(({ runAsUser }) => runAsUser !== 0),
  seccomp: ({ contexts }) =>
    contexts.every(({ seccompProfile }) =>
      ['RuntimeDefault', 'Localhost'].includes(seccompProfile?.type ?? ''),
    ),
};

function judge(pod: Pod): string[] {
  const containers = [...pod.containers, ...(pod.initContainers ?? [])];
  const contexts = containers.map(({ securityContext }) => ({
    ...pod.securityContext,
    ...securityContext,
  }));
  const judged = { pod, containers, contexts };
  return Object.entries(CONTROLS).flatMap(([name, holds]) => (holds(judged) ? [] : [name]));
}

const file = path.join(__dirname, '../../deploy/kubernetes/deployment.yaml');
const { spec } = parseDocument(readFileSync(file, 'utf8')).toJS() as {
  readonly spec: { readonly template: { readonly spec: Pod } };
};
const shipped = spec.template.spec;
const [worker = {}] = shipped.containers;
const withContext = (changed: SecurityContext): Pod => ({
  ...shipped,
  containers: [{ ...worker, securityContext: { ...worker.securityContext, ...changed } }],
});

describe('the pod of the manifests', () => {
  test('fits the restricted profile in every control', () => {
    expect(judge(shipped)).toEqual([]);
  });

  test.each<[string, Pod]>([
    ['host namespaces', { ...shipped, hostNetwork: true }],
    ['privileged containers', withContext({ privileged: true })],
    ['capabilities', withContext({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } })],
    ['volume types', { ...shipped, volumes: [{ name: 'root', hostPath: { path: '/' } }] }],
    ['host ports', { ...shipped, containers: [{ ...worker, ports: [{ hostPort: 80 }] }] }],
    ['AppArmor', withContext({ appArmorProfile: { type: 'Unconfined' } })],
    ['SELinux', withContext({ seLinuxOptions: { type: 'spc_t' } })],
    ['/proc mount type', withContext({ procMount: 'Unmasked' })],
    ['sysctls', { ...shipped, securityContext: { ...shipped.securityContext, sysctls: [{}] } }],
    ['privilege escalation', withContext({ allowPrivilegeEscalation: true })],
    ['running as non-root', withContext({ runAsNonRoot: false })],
    ['user that is not root', withContext({ runAsUser: 0 })],
    ['seccomp', withContext({ seccompProfile: { type: 'Unconfined' } })],
  ])('would break the control of %s if it were otherwise', (control, pod) => {
    expect(judge(pod)).toEqual([control]);
  });
});
