/** The instances of a project as the API lists them, without Temporal. */
import { toInstanceFacts, toRolesSnapshot } from '../activities/clock.js';
import { loadWorkerConfig } from '../config/index.js';
import { EXIT_CODES } from '../contract/index.js';
import type { ObservedMaster, RolesSnapshot } from '../contract/index.js';
import type { InstanceDetails, NodeInfo } from '../dcs/index.js';
import { findRefusals, findUnsupportedMode } from '../domain/checks/look-ahead.js';
import type { Refusal } from '../domain/checks/look-ahead.js';
import type { InstanceFacts } from '../domain/facts.js';
import { onlyMaster } from '../domain/identity.js';
import { judgeInstance } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';
import { messageOf, timeoutSignal } from '../util.js';

import { chooseProject } from './inspect.js';
import { openProject } from './open-project.js';

/** Longest time for all pages together, in milliseconds. */
const LIST_DEADLINE_MS = 40_000;

/** One instance of the list. */
export interface ProjectInstance {
  readonly instanceId: string;
  readonly name: string | null;
  readonly cacheMode: string | null;
  readonly status: string | null;
  readonly busyWith: string | null;
  /** `null` where its nodes were not shown, or show none or several. */
  readonly master: ObservedMaster | null;
  /** By the rules of this environment; `null` where tags decide and the list does not show them. */
  readonly allowed: boolean | null;
  /** What would refuse a switchover now, by what the lists show. Where they show no mode, it may do so as well. */
  readonly refusedNow: readonly Refusal[];
}

/** What the API lists; what could not be read is named in `problems`. */
export interface InstancesReport {
  readonly projectId: string;
  readonly region: string;
  /** By name; `null`: not read. */
  readonly instances: readonly ProjectInstance[] | null;
  readonly problems: readonly string[];
  readonly exitCode: number;
}

/** Which project to list, by whose environment. */
export interface InstancesOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `null`: the only configured project. */
  readonly projectId: string | null;
}

/**
 * Lists the instances of a project: a page of the list for 100 instances, and one of their nodes. Sends nothing.
 *
 * @throws ConfigurationError, DcsConfigurationError
 */
export async function listProjectInstances(options: InstancesOptions): Promise<InstancesReport> {
  const { project, reader } = openListed(options);
  const { projectId, region, policy } = project;
  const problems: string[] = [];
  const attempt = async <T>(read: () => Promise<{ readonly value: T }>): Promise<T | null> => {
    try {
      return (await read()).value;
    } catch (error) {
      problems.push(messageOf(error));
      return null;
    }
  };
  const signal = timeoutSignal(LIST_DEADLINE_MS);
  const listed = await attempt(() => reader.listInstances({ signal }));
  const nodes = listed === null ? null : await attempt(() => reader.listAllNodes({ signal }));
  const nodesById = new Map((nodes ?? []).map((each) => [each.instanceId, each.nodes]));
  return {
    ...{ projectId, region },
    instances: listed?.flatMap((each) => toInstance(each, nodesById, policy)).sort(byName) ?? null,
    problems,
    exitCode: listed === null ? EXIT_CODES.other : EXIT_CODES.success,
  };
}

/** An instance and its name. */
export interface NamedInstance {
  readonly id: string;
  readonly name: string | null;
}

/**
 * The instances of a project with their names, by the list alone. Sends nothing.
 *
 * @throws ConfigurationError, DcsConfigurationError, DcsError
 */
export async function listInstanceNames(options: InstancesOptions): Promise<NamedInstance[]> {
  const { reader } = openListed(options);
  const { value } = await reader.listInstances({ signal: timeoutSignal(LIST_DEADLINE_MS) });
  return value
    .flatMap(({ instanceId, name }) => (instanceId === null ? [] : [{ id: instanceId, name }]))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function openListed({ env, projectId }: InstancesOptions) {
  const config = loadWorkerConfig(env);
  const project = chooseProject(config.projects, projectId);
  return { project, ...openProject(project, config, env) };
}

function toInstance(
  details: InstanceDetails,
  nodesById: ReadonlyMap<string, readonly NodeInfo[]>,
  policy: InstancePolicy,
): ProjectInstance[] {
  const { instanceId, name, cacheMode, status, tags } = details;
  if (instanceId === null) return [];
  // No row of its nodes says nothing of them: other readings may show them.
  const nodes = nodesById.get(instanceId) ?? [];
  const roles = nodes.length === 0 ? null : toRolesSnapshot(nodes);
  const master = roles === null ? null : onlyMaster(roles);
  const nodeId = master?.nodeId ?? null;
  const facts = toInstanceFacts(details);
  return [
    {
      ...{ instanceId, name, cacheMode, status, busyWith: facts.busyWith },
      master:
        nodeId === null ? null : { nodeId, availabilityZone: master?.availabilityZone ?? null },
      allowed: judgeInstance(policy, { instanceId, name, tags }).allowed,
      refusedNow: findRefusalsOf(facts, roles),
    },
  ];
}

function findRefusalsOf(facts: InstanceFacts, roles: RolesSnapshot | null): Refusal[] {
  const observed = findUnsupportedMode(facts);
  const mode = observed === null ? [] : [{ id: 'mode-supported' as const, observed }];
  return [...mode, ...findRefusals(facts, roles)];
}

function byName(one: ProjectInstance, other: ProjectInstance): number {
  const [left, right] = [one, other].map(({ name, instanceId }) => `${name ?? ''} ${instanceId}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
