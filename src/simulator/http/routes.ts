/** Which service answers: its errors and its way to know the caller differ. */
export type RouteFamily = 'dcs' | 'iam' | 'metadata' | 'sts';

interface RouteRule {
  readonly family: RouteFamily;
  readonly method: string;
  readonly path: RegExp;
  /** The IAM action that the caller needs; `null` = none; only of STS a credential is needed all the same. */
  readonly action: string | null;
}

const rule = (
  family: RouteFamily,
  method: string,
  path: string,
  action: string | null = null,
): RouteRule => ({ family, method, path: pathOf(path), action });

const dcs = (method: string, path: string, action: string): RouteRule =>
  rule('dcs', method, `/v2/PROJECT/${path}`, action);

/**
 * The served operations. Note the singular `instance` of `groups`: the documented paths are not regular. The
 * actions of `logical-nodes`, `instances-logical-nodes` and `groups` are not documented; reading or listing the
 * instance is the likely one.
 */
const ROUTES = {
  listInstances: dcs('GET', 'instances', 'dcs:instance:list'),
  showInstance: dcs('GET', 'instances/INSTANCE', 'dcs:instance:get'),
  showTags: dcs('GET', 'instances/INSTANCE/tags', 'dcs:tag:get'),
  listNodes: dcs('GET', 'instances/INSTANCE/logical-nodes', 'dcs:instance:get'),
  listAllNodes: dcs('GET', 'instances-logical-nodes', 'dcs:instance:list'),
  listGroups: dcs('GET', 'instance/INSTANCE/groups', 'dcs:instance:get'),
  listTasks: dcs('GET', 'instances/INSTANCE/tasks', 'dcs:instance:getBackgroundTask'),
  listCenterTasks: dcs('GET', 'tasks', 'dcs:task:list'),
  showJob: dcs('GET', 'jobs/JOB', 'dcs:job:get'),
  asyncSwap: dcs('PUT', 'instances/INSTANCE/async-swap', 'dcs:instance:swap'),
  createToken: rule('iam', 'POST', '/v3/auth/tokens'),
  createSecurityToken: rule(
    'iam',
    'POST',
    '/v3\\.0/OS-CREDENTIAL/securitytokens',
    'iam:agencies:assume',
  ),
  createTokenForIdToken: rule('iam', 'POST', '/v3\\.0/OS-AUTH/id-token/tokens'),
  assumePodIdentity: rule('metadata', 'POST', '/v1/credentials'),
  createMetadataToken: rule('metadata', 'PUT', '/meta-data/latest/api/token'),
  showSecurityKey: rule('metadata', 'GET', '/openstack/latest/securitykey'),
  showCallerIdentity: rule('sts', 'GET', '/v5/caller-identity'),
};

/** An operation that the simulator serves. */
export type ServedRoute = keyof typeof ROUTES;

/** Name of an operation, as ledger and fault script use it; `unknown` is everything else. */
export type RouteName = ServedRoute | 'unknown';

/** Every name of an operation. */
export const ROUTE_NAMES: readonly string[] = [...Object.keys(ROUTES), 'unknown'];

/** What a request line asks for. */
export interface RouteMatch {
  readonly route: RouteName;
  readonly family: RouteFamily;
  /** The IAM action that the caller needs; `null` = none; only of STS a credential is needed all the same. */
  readonly action: string | null;
  /** Whether the path exists for another method. */
  readonly isWrongMethod: boolean;
  readonly projectId: string | null;
  readonly instanceId: string | null;
  readonly jobId: string | null;
}

/** What is answered like the DCS API, although it is no operation of it. */
const UNKNOWN = ['unknown', { family: 'dcs', action: null }] as const;

/** Finds the operation of a request by its undecoded path: dot segments and escapes match nothing. */
export function matchRoute(method: string, rawPath: string): RouteMatch {
  const rules = Object.entries(ROUTES) as [ServedRoute, RouteRule][];
  const hits = rules.filter(([, { path }]) => path.test(rawPath));
  const hit = hits.find(([, rule]) => rule.method === method);
  const [route, { family, action }] = hit ?? UNKNOWN;
  const isWrongMethod = hit === undefined && hits.length > 0;
  return { route, family, action, isWrongMethod, ...idsIn(rawPath, (hit ?? hits[0])?.[1]) };
}

function idsIn(rawPath: string, rule: RouteRule | undefined) {
  const groups = rule?.path.exec(rawPath)?.groups ?? {};
  return {
    projectId: groups['project'] ?? null,
    instanceId: groups['instance'] ?? null,
    jobId: groups['job'] ?? null,
  };
}

function pathOf(template: string): RegExp {
  const pattern = template
    .replace('PROJECT', '(?<project>[^/]+)')
    .replace('INSTANCE', '(?<instance>[^/]+)')
    .replace('JOB', '(?<job>[^/]+)');
  return new RegExp(`^${pattern}$`);
}
