/** What a switchover needs of one project, in the order in which it fails. */
import type { ProjectConfig } from '../config/index.js';
import type { Exchange } from '../dcs/index.js';
import { asksForTags } from '../domain/policy.js';
import { fail, skip } from './check.js';
import type { Finding } from './check.js';

import {
  ABSENT_INSTANCE_ID,
  ABSENT_JOB_ID,
  READ_RULES,
  TAGS_RULE,
} from '../diagnostics/dcs/actions.js';
import type { ReadRule } from '../diagnostics/dcs/actions.js';
import { MAX_SKEW_MS, judgeClock } from '../diagnostics/dcs/clock.js';
import { checkCredential } from '../diagnostics/dcs/credential.js';
import { describeInstance } from '../diagnostics/dcs/instance.js';
import { isAuthenticationFailure, isOutOfReach, judgeRead } from './judge-read.js';
import type { LoginGuard } from '../diagnostics/dcs/login-guard.js';
import { apiOf, checkReachable, issuersOf } from './network.js';
import { openProject } from './open-project.js';
import type { OpenProject, SharedConfig } from './open-project.js';
import { readAll } from './readings.js';
import type { Readings } from './readings.js';

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
): Promise<Finding[]> {
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
): Promise<Finding[]> {
  const issuers: Finding[] = [];
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
): OpenProject | Finding {
  try {
    return openProject(project, shared, env, onExchange);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return fail('credential', found, 'Correct the setting that is named.', 'configuration');
  }
}

function obstacleTo(
  credential: readonly Finding[],
  endpoint: Finding,
  loginRefusal: string | null,
): string | null {
  if (credential.some(({ status }) => status !== 'ok')) return 'there is no credential';
  if (endpoint.status === 'fail') return 'the endpoint is not reached';
  return loginRefusal;
}

async function checkReadings(
  project: ProjectConfig,
  { reader }: OpenProject,
  { instanceId, logins, signal }: ProjectContext,
): Promise<Finding[]> {
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
  ];
}

/** The readings that a switchover of this project may need. */
function rulesFor({ policy }: ProjectConfig): readonly ReadRule[] {
  return asksForTags(policy) ? [...READ_RULES, TAGS_RULE] : READ_RULES;
}

function judgeOne(
  rule: ReadRule,
  readings: Readings,
  { endpoint }: ProjectConfig,
  isAbsentInstance: boolean,
): Finding {
  const result = readings[rule.read];
  if (result === undefined) return skip(rule.id, 'an earlier reading failed');
  const isAbsentId = isAbsentInstance || rule.read === 'showJob';
  const finding = judgeRead({ rule, isAbsentId, endpoint }, result);
  const isClockToBlame =
    isAuthenticationFailure(result.error) && Math.abs(readings.skewMs ?? 0) > MAX_SKEW_MS;
  return isClockToBlame ? { ...finding, fix: null } : finding;
}

function skipAll(ids: readonly string[], why: string): Finding[] {
  return ids.map((id) => skip(id, why));
}
