import { refuse } from '../http/refusal.js';
import type { InstanceBody } from './instance-body.js';
import { readPage } from './page.js';

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
  tags: (body, wanted) => parseTags(wanted).every((pair) => tagsOf(body).includes(pair)),
};

/** The answer to `GET …/instances`: in order of creation; `instance_num` counts all that match. */
export function instanceListBody(bodies: readonly InstanceBody[], query: URLSearchParams): unknown {
  const page = readPage(query);
  const isWanted = (body: InstanceBody): boolean =>
    Object.entries(FILTERS).every(([name, filter]) => {
      const wanted = query.get(name);
      return wanted === null || filter(body, wanted, query);
    });
  const showsFailed = query.get('include_failure') === 'true';
  const matching = bodies.filter(
    (body) => (showsFailed || body['status'] !== 'CREATEFAILED') && isWanted(body),
  );
  return { instance_num: matching.length, instances: page(matching) };
}

/** `k1=v1,k2=v2` as single pairs. */
function parseTags(wanted: string): readonly string[] {
  const pairs = wanted.split(',');
  return pairs.every((pair) => pair.includes('=')) ? pairs : refuse('badTags');
}

function tagsOf(body: InstanceBody): readonly string[] {
  const tags = body['tags'] as readonly { readonly key: string; readonly value: string }[];
  return tags.map(({ key, value }) => `${key}=${value}`);
}
