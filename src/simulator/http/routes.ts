/** The served operations, by the names that ledger and fault script use; `unknown` is everything else. */
export const ROUTE_NAMES = [
  'listInstances',
  'showInstance',
  'showTags',
  'listNodes',
  'listAllNodes',
  'listGroups',
  'listTasks',
  'listCenterTasks',
  'showJob',
  'asyncSwap',
  'createToken',
  'createSecurityToken',
  'createMetadataToken',
  'showSecurityKey',
  'showCallerIdentity',
  'unknown',
] as const;

/** Name of an operation. */
export type RouteName = (typeof ROUTE_NAMES)[number];

/** An operation that the simulator serves. */
export type ServedRoute = Exclude<RouteName, 'unknown'>;

/** Which service answers: its errors and its way to know the caller differ. */
export type RouteFamily = 'dcs' | 'iam' | 'metadata' | 'sts';

interface RouteRule {
  readonly name: ServedRoute;
  readonly family: RouteFamily;
  readonly method: string;
  readonly path: RegExp;
  /** The IAM action that the caller needs; `null` = none; only of STS a credential is needed all the same. */
  readonly action: string | null;
}

const dcs = (name: ServedRoute, method: string, path: string, action: string): RouteRule => ({
  ...{ name, family: 'dcs', method, action },
  path: pathOf(`/v2/PROJECT/${path}`),
});

/**
 * Note the singular `instance` of `groups`: the documented paths are not regular. The actions of
 * `logical-nodes`, `instances-logical-nodes` and `groups` are not documented; reading or listing the instance
 * is the likely one.
 */
const ROUTES: readonly RouteRule[] = [
  dcs('listInstances', 'GET', 'instances', 'dcs:instance:list'),
  dcs('showInstance', 'GET', 'instances/INSTANCE', 'dcs:instance:get'),
  dcs('showTags', 'GET', 'instances/INSTANCE/tags', 'dcs:tag:get'),
  dcs('listNodes', 'GET', 'instances/INSTANCE/logical-nodes', 'dcs:instance:get'),
  dcs('listAllNodes', 'GET', 'instances-logical-nodes', 'dcs:instance:list'),
  dcs('listGroups', 'GET', 'instance/INSTANCE/groups', 'dcs:instance:get'),
  dcs('listTasks', 'GET', 'instances/INSTANCE/tasks', 'dcs:instance:getBackgroundTask'),
  dcs('listCenterTasks', 'GET', 'tasks', 'dcs:task:list'),
  dcs('showJob', 'GET', 'jobs/JOB', 'dcs:job:get'),
  dcs('asyncSwap', 'PUT', 'instances/INSTANCE/async-swap', 'dcs:instance:swap'),
  {
    ...{ name: 'createToken', family: 'iam', method: 'POST', action: null },
    path: pathOf('/v3/auth/tokens'),
  },
  {
    ...{ name: 'createSecurityToken', family: 'iam', method: 'POST' },
    action: 'iam:agencies:assume',
    path: pathOf('/v3\\.0/OS-CREDENTIAL/securitytokens'),
  },
  {
    ...{ name: 'createMetadataToken', family: 'metadata', method: 'PUT', action: null },
    path: pathOf('/meta-data/latest/api/token'),
  },
  {
    ...{ name: 'showSecurityKey', family: 'metadata', method: 'GET', action: null },
    path: pathOf('/openstack/latest/securitykey'),
  },
  {
    ...{ name: 'showCallerIdentity', family: 'sts', method: 'GET', action: null },
    path: pathOf('/v5/caller-identity'),
  },
];

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
const UNKNOWN = { name: 'unknown', family: 'dcs', action: null } as const;

/** Finds the operation of a request by its undecoded path: dot segments and escapes match nothing. */
export function matchRoute(method: string, rawPath: string): RouteMatch {
  const hits = ROUTES.filter(({ path }) => path.test(rawPath));
  const hit = hits.find((rule) => rule.method === method);
  const { name: route, family, action } = hit ?? UNKNOWN;
  const isWrongMethod = hit === undefined && hits.length > 0;
  return { route, family, action, isWrongMethod, ...idsIn(rawPath, hit ?? hits[0]) };
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
