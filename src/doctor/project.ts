/** What a switchover needs of one project, in the order in which it fails. */
import { toBusyWith, toRolesSnapshot } from '../activities/clock.js';
import type { ProjectConfig } from '../config/index.js';
import type { NodeSnapshot } from '../contract/index.js';
import type { DataPlaneSource } from '../data-plane/index.js';
import { DcsCredentialsError, DcsError } from '../dcs/index.js';
import type { Exchange } from '../dcs/index.js';
import { command, joinText, withCommands } from '../domain/commands.js';
import { describeNode, onlyMaster, promotableReplicas, replicas } from '../domain/identity.js';
import { asksForTags, describeVerdict, judgeInstance } from '../domain/policy.js';
import type { InstancePolicy } from '../domain/policy.js';
import { messageOf, REFUSED_SKEW_MS } from '../util.js';

import { fail, ok, skip, warn, within } from './check.js';
import { checkDataPlane } from './data-plane.js';
import type { CheckFinding } from './check.js';
import { isAuthenticationFailure, isOutOfReach, judgeRead } from './judge-read.js';
import { apiOf, checkReachable, issuersOf } from './network.js';
import { openProject } from './open-project.js';
import type { LoginGuard, OpenProject, SharedConfig } from './open-project.js';
import { ABSENT_INSTANCE_ID, ABSENT_JOB_ID, READ_RULES, readAll, TAGS_RULE } from './readings.js';
import type { DoctorReadings, ReadRule } from './readings.js';

/** Longest time for a source that has to ask someone, in milliseconds. */
const OBTAIN_TIMEOUT_MS = 8_000;

/** Whether the source gives a credential; which source is reported, never its content. */
export async function checkCredential({ credential }: OpenProject): Promise<CheckFinding> {
  const id = 'credential';
  const { description, obtain } = credential;
  try {
    await within(OBTAIN_TIMEOUT_MS, `the credential source (${description})`, obtain());
    return ok(id, `obtained; source: ${description}`);
  } catch (error) {
    const found = `source ${description}: ${messageOf(error)}`;
    const fix = 'Correct the source of the credential; see docs/configuration.md.';
    if (error instanceof DcsCredentialsError) return fail(id, found, fix, 'configuration');
    const isUnreachable = error instanceof DcsError && error.delivery !== 'answered';
    return fail(id, found, fix, isUnreachable ? 'unreachable' : 'other');
  }
}

/** From here on deadlines such as `notAfter` are judged noticeably early or late. */
const WARN_SKEW_MS = 60_000;

const ID = 'clock';
const FIX = 'Set the clock of this machine (NTP, chrony), then run the doctor again.';

/**
 * The verdict on this machine's clock against the API's `Date`.
 *
 * @param skewMs this clock minus the API's; `null` where the API reported none
 */
export function judgeClock(skewMs: number | null): CheckFinding {
  if (skewMs === null) return skip(ID, 'no answer of the API reported its time');
  const size = Math.abs(skewMs);
  const found = `this machine is ${describe(size)} ${skewMs > 0 ? 'ahead of' : 'behind'} the API`;
  if (size >= REFUSED_SKEW_MS)
    return fail(ID, `${found}; the gateway refuses signatures more than 15 min off`, FIX, 'other');
  if (size > WARN_SKEW_MS) return warn(ID, found, FIX);
  return ok(ID, size < 2_000 ? 'within 2 s of the API' : found);
}

function describe(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** Modes whose master `async-swap` moves (user guide, master/standby switchover). */
const SWITCHABLE_MODES = ['ha', 'ha_rw_split'];

/** What the instance is now. Whether it could be switched is for `plan` to say, with all its checks. */
function describeInstance(
  instanceId: string,
  readings: DoctorReadings,
  policy: InstancePolicy,
): CheckFinding[] {
  return [
    instanceFinding(readings),
    rolesFinding(instanceId, readings),
    policyFinding(instanceId, readings, policy),
  ];
}

function policyFinding(
  instanceId: string,
  { showInstance, showTags }: DoctorReadings,
  policy: InstancePolicy,
): CheckFinding {
  const id = 'instance-allowed';
  const value = showInstance?.value ?? null;
  if (value === null) return skip(id, 'it could not be read');
  const tags = value.tags ?? showTags?.value ?? null;
  const verdict = judgeInstance(policy, { instanceId, name: value.name, tags });
  const found = describeVerdict(verdict);
  const fix = 'Change the allow and deny rules of this project, or choose another instance.';
  return verdict.allowed ? ok(id, found) : warn(id, found, fix);
}

function instanceFinding({ showInstance }: DoctorReadings): CheckFinding {
  const id = 'instance';
  const value = showInstance?.value ?? null;
  if (value === null) return skip(id, 'it could not be read');
  const { name, engine, engineVersion, cacheMode, status } = value;
  const busy = toBusyWith(value);
  const product = [engine, engineVersion].filter((part) => part !== null).join(' ');
  const found = [name ?? 'without a name', product, `mode ${cacheMode ?? '?'}`, status ?? '?']
    .concat(busy === null ? [] : [`busy with ${busy}`])
    .filter((part) => part !== '')
    .join(', ');
  const fix = 'Choose an instance of mode ha or ha_rw_split: others cannot be switched yet.';
  if (!SWITCHABLE_MODES.includes(cacheMode ?? '')) return warn(id, found, fix);
  const isReady = status === 'RUNNING' && busy === null;
  return isReady ? ok(id, found) : warn(id, found, 'Wait until the instance is RUNNING and idle.');
}

function rolesFinding(instanceId: string, { listNodes, listGroups }: DoctorReadings): CheckFinding {
  const id = 'roles';
  const nodes = listNodes?.value ?? listGroups?.value ?? null;
  if (nodes === null) return skip(id, 'they could not be read');
  const roles = toRolesSnapshot(nodes);
  const master = onlyMaster(roles);
  const first = master === null ? 'no single master' : `master ${describeNode(master)}`;
  const found = [first, ...replicas(roles).map(describeReplica)].join(', ');
  const fix = joinText([
    'A switchover needs one master and a replica of priority above 0.',
    withCommands('Ask for details', command(['inspect', instanceId])),
  ]);
  const isReady = master !== null && promotableReplicas(roles).length > 0;
  return isReady ? ok(id, found) : warn(id, found, fix);
}

function describeReplica(node: NodeSnapshot): string {
  const priority = node.priority === null ? 'priority unknown' : `priority ${node.priority}`;
  return `replica ${describeNode(node)} ${priority}`;
}

/** What the checks of a project work with. */
export interface ProjectContext {
  readonly env: NodeJS.ProcessEnv;
  readonly shared: SharedConfig;
  /** `null`: permissions are asked for with an id that cannot exist. */
  readonly instanceId: string | null;
  readonly logins: LoginGuard;
  readonly signal: AbortSignal;
  readonly onExchange: (exchange: Exchange) => void;
}

/** Ids of the checks that need an answer of the API. */
const ANSWER_CHECKS = ['clock', ...READ_RULES.map(({ id }) => id)];

/** All checks of a project; never throws. */
export async function checkProject(
  project: ProjectConfig,
  context: ProjectContext,
): Promise<CheckFinding[]> {
  if (context.signal.aborted) return skipAll(['credential', 'endpoint', ...ANSWER_CHECKS], NO_TIME);
  const opened = open(project, context);
  if ('status' in opened) return [opened, ...skipAll(['endpoint', ...ANSWER_CHECKS], NOT_USABLE)];
  const credential = await checkSource(project, opened, context);
  const endpoint = await checkReachable(apiOf(project), context.shared);
  const found = [...credential, endpoint];
  const obstacle = obstacleTo(credential, endpoint, context.logins.refusal(project.credentials));
  if (obstacle !== null) return [...found, ...skipAll(ANSWER_CHECKS, obstacle)];
  return [...found, ...(await checkReadings(project, opened, context))];
}

/** Who issues the credential is reached first: what the source says of a failure is less exact. */
async function checkSource(
  { credentials }: ProjectConfig,
  opened: OpenProject,
  { shared, logins }: ProjectContext,
): Promise<CheckFinding[]> {
  const issuers: CheckFinding[] = [];
  for (const issuer of issuersOf(credentials)) issuers.push(await checkReachable(issuer, shared));
  if (issuers.some(({ status }) => status === 'fail'))
    return [...issuers, skip('credential', 'who issues it is not reached')];
  if (issuers.length === 0) return [await checkCredential(opened)];
  // Obtaining is a login here: a wrong password counts as a wrong key does.
  const refusal = logins.refusal(credentials);
  if (refusal !== null) return [...issuers, skip('credential', refusal)];
  const credential = await checkCredential(opened);
  if (credential.status === 'fail') logins.remember(credentials);
  return [...issuers, credential];
}

const NOT_USABLE = 'the settings of this project cannot be used';
const NO_TIME = 'no time left for this project; name it alone with --project';

function open(
  project: ProjectConfig,
  { shared, env, onExchange }: ProjectContext,
): OpenProject | CheckFinding {
  try {
    return openProject(project, shared, env, onExchange);
  } catch (error) {
    const found = messageOf(error);
    return fail('credential', found, 'Correct the setting that is named.', 'configuration');
  }
}

function obstacleTo(
  credential: readonly CheckFinding[],
  endpoint: CheckFinding,
  loginRefusal: string | null,
): string | null {
  if (credential.some(({ status }) => status !== 'ok')) return 'there is no credential';
  if (endpoint.status === 'fail') return 'the endpoint is not reached';
  return loginRefusal;
}

async function checkReadings(
  project: ProjectConfig,
  { reader, dataPlane }: OpenProject,
  { instanceId, logins, signal }: ProjectContext,
): Promise<CheckFinding[]> {
  const target = { instanceId: instanceId ?? ABSENT_INSTANCE_ID, jobId: ABSENT_JOB_ID };
  const rules = rulesFor(project);
  const readings = await readAll(reader, target, {
    reads: rules.map(({ read }) => read),
    stopsAt: (error) => isAuthenticationFailure(error) || isOutOfReach(error),
    signal,
  });
  const refused = rules.some(({ read }) => isAuthenticationFailure(readings[read]?.error));
  if (refused) logins.remember(project.credentials);
  return [
    judgeClock(readings.skewMs),
    ...rules.map((rule) => judgeOne(rule, readings, project, instanceId === null)),
    ...(instanceId === null ? [] : describeInstance(instanceId, readings, project.policy)),
    ...(instanceId === null || dataPlane === null
      ? []
      : await checkRedis(instanceId, readings, dataPlane)),
  ];
}

async function checkRedis(
  instanceId: string,
  { showInstance, showTags }: DoctorReadings,
  dataPlane: DataPlaneSource,
): Promise<CheckFinding[]> {
  const details = showInstance?.value ?? null;
  if (details === null) return [skip('redis', 'the instance could not be read')];
  const tags = details.tags ?? showTags?.value ?? null;
  return checkDataPlane(dataPlane, { ...details, instanceId, tags });
}

/** The readings that a switchover of this project may need. */
function rulesFor({ policy, dataPlane }: ProjectConfig): readonly ReadRule[] {
  const asks = asksForTags(policy) || dataPlane.some(({ match }) => 'tag' in match);
  return asks ? [...READ_RULES, TAGS_RULE] : READ_RULES;
}

function judgeOne(
  rule: ReadRule,
  readings: DoctorReadings,
  { endpoint, projectId }: ProjectConfig,
  isAbsentInstance: boolean,
): CheckFinding {
  const result = readings[rule.read];
  if (result === undefined) return skip(rule.id, 'an earlier reading failed');
  const isAbsentId = isAbsentInstance || rule.read === 'showJob';
  const finding = judgeRead({ rule, isAbsentId, endpoint, projectId }, result);
  const isClockToBlame =
    isAuthenticationFailure(result.error) && Math.abs(readings.skewMs ?? 0) >= REFUSED_SKEW_MS;
  return isClockToBlame ? { ...finding, fix: null } : finding;
}

function skipAll(ids: readonly string[], why: string): CheckFinding[] {
  return ids.map((id) => skip(id, why));
}
