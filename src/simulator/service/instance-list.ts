import { refuse } from '../http/refusal.js';
import type { Habits } from '../habits.js';
import type { InstanceBody } from './instance-body.js';
import { reversed, shuffled } from './order.js';
import { readPage, totalOf } from './page.js';

/** Whether an instance matches a query parameter. */
type Filter = (body: InstanceBody, wanted: string, query: URLSearchParams) => boolean;

const is =
  (field: string): Filter =>
  (body, wanted) =>
    String(body[field]) === wanted;

/** The documented query parameters that select (ListInstances). */
const FILTERS: Record<string, Filter> = {
  instance_id: is('instance_id'),
  status: is('status'),
  ip: is('ip'),
  name: (body, wanted, query) =>
    query.get('name_equal') === 'true'
      ? body['name'] === wanted
      : String(body['name']).includes(wanted),
};

/** An instance to list: its entry, and its answer to `…/tags`, which has them in any case. */
export interface ListedInstance {
  readonly body: InstanceBody;
  readonly tags: InstanceBody;
}

/** The answer to `GET …/instances`. */
export function instanceListBody(
  all: readonly ListedInstance[],
  query: URLSearchParams,
  habits: Habits,
): unknown {
  const page = readPage(query);
  const tags = parseTags(query.get('tags'));
  const isWanted = ({ body, ...own }: ListedInstance): boolean =>
    Object.entries(FILTERS).every(([name, filter]) => {
      const wanted = query.get(name);
      return wanted === null || filter(body, wanted, query);
    }) && tags.every((pair) => tagsOf(own.tags).includes(pair));
  const showsFailed = query.get('include_failure') === 'true';
  const matching = all
    .filter((one) => (showsFailed || one.body['status'] !== 'CREATEFAILED') && isWanted(one))
    .map(({ body }) => body);
  const instances = page(ORDERS[habits.instanceOrder](matching));
  return { instance_num: totalOf(matching, instances, habits), instances };
}

const ORDERS: Record<
  Habits['instanceOrder'],
  (bodies: readonly InstanceBody[]) => readonly InstanceBody[]
> = {
  'as-created': (bodies) => bodies,
  'newest-first': reversed,
  shuffled: (bodies) => shuffled(bodies, (body) => String(body['instance_id'])),
};

/** `k1=v1,k2=v2` as single pairs. */
function parseTags(wanted: string | null): readonly string[] {
  if (wanted === null) return [];
  const pairs = wanted.split(',');
  return pairs.every((pair) => pair.includes('=')) ? pairs : refuse('badTags');
}

function tagsOf(body: InstanceBody): readonly string[] {
  const tags = body['tags'] as readonly { readonly key: string | number; readonly value: string }[];
  return tags.map(({ key, value }) => `${key}=${value}`);
}
