/** The served operations, by the names that ledger and fault script use; `unknown` is everything else. */
export const ROUTE_NAMES = [
  'showInstance',
  'listNodes',
  'listGroups',
  'listTasks',
  'showJob',
  'asyncSwap',
  'unknown',
] as const;

/** Name of an operation. */
export type RouteName = (typeof ROUTE_NAMES)[number];

/** An operation that the simulator serves. */
export type ServedRoute = Exclude<RouteName, 'unknown'>;

interface RouteRule {
  readonly name: ServedRoute;
  readonly method: string;
  readonly path: RegExp;
}

/** Note the singular `instance` of `groups`: the documented paths are not regular. */
const ROUTES: readonly RouteRule[] = [
  { name: 'showInstance', method: 'GET', path: pathOf('instances/INSTANCE') },
  { name: 'listNodes', method: 'GET', path: pathOf('instances/INSTANCE/logical-nodes') },
  { name: 'listGroups', method: 'GET', path: pathOf('instance/INSTANCE/groups') },
  { name: 'listTasks', method: 'GET', path: pathOf('instances/INSTANCE/tasks') },
  { name: 'showJob', method: 'GET', path: pathOf('jobs/JOB') },
  { name: 'asyncSwap', method: 'PUT', path: pathOf('instances/INSTANCE/async-swap') },
];

/** What a request line asks for. */
export interface RouteMatch {
  readonly route: RouteName;
  /** Whether the path exists for another method. */
  readonly isWrongMethod: boolean;
  readonly projectId: string | null;
  readonly instanceId: string | null;
  readonly jobId: string | null;
}

/** Finds the operation of a request by its undecoded path: dot segments and escapes match nothing. */
export function matchRoute(method: string, rawPath: string): RouteMatch {
  const hits = ROUTES.filter(({ path }) => path.test(rawPath));
  const hit = hits.find((rule) => rule.method === method);
  const groups = (hit ?? hits[0])?.path.exec(rawPath)?.groups ?? {};
  return {
    route: hit?.name ?? 'unknown',
    isWrongMethod: hit === undefined && hits.length > 0,
    projectId: groups['project'] ?? null,
    instanceId: groups['instance'] ?? null,
    jobId: groups['job'] ?? null,
  };
}

function pathOf(template: string): RegExp {
  const pattern = template
    .replace('INSTANCE', '(?<instance>[^/]+)')
    .replace('JOB', '(?<job>[^/]+)');
  return new RegExp(`^/v2/(?<project>[^/]+)/${pattern}$`);
}
