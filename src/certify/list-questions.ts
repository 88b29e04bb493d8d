/** What lists, gateway and refusals show; no swap is needed for it. Pure. */
import { fieldsOf, isRecord, textOf } from '../util.js';

import { found, notSeen, orderOf } from './answer.js';
import type { Finding, Question } from './answer.js';
import { answered, isTagged, lastOf, rowsOf } from './observations.js';
import type { Observations, Row, Topic } from './observations.js';

/** Why a topic has no answer. */
function whyNone({ readings }: Observations, topic: Topic): string {
  const { status = null } = readings.findLast((each) => each.topic === topic) ?? {};
  if (status === null) return 'not read, or without an answer';
  return status === 403 ? 'the credential may not read it (403)' : `answered ${status}`;
}

/** The entry of an instance in the list. */
function listedOf(seen: Observations, instanceId: unknown): Row | null {
  const list = lastOf(seen, 'instances');
  const rows = list === null ? [] : rowsOf(list, 'instances');
  return rows.find((row) => row['instance_id'] === instanceId) ?? null;
}

const listed =
  (judge: (entry: Row) => Finding) =>
  (seen: Observations): Finding => {
    const entry = listedOf(seen, seen.instanceId);
    return entry === null ? notSeen(whyNone(seen, 'instances')) : judge(entry);
  };

/** What an entry shows of its tags, where ShowTags says which there are. */
interface TagsShown {
  readonly entry: Row;
  readonly isTagged: boolean;
}

const UNTAGGED: readonly (readonly [word: string, is: (entry: Row) => boolean])[] = [
  ['null', ({ tags }) => tags === null],
  ['empty', ({ tags }) => Array.isArray(tags) && tags.length === 0],
];

/** Tags of instances that have some, and of one that has none: only both tell all. */
function tagsFinding(all: readonly TagsShown[], why: string): Finding {
  if (all.length === 0) return notSeen(why);
  const [tagged, untagged] = [true, false].map((is) => all.find(({ isTagged }) => isTagged === is));
  const evidence = `tags of ${all.length === 1 ? 'one instance' : `${all.length} instances`} against ShowTags`;
  if (tagged !== undefined && !('tags' in tagged.entry))
    return { ...found('absent', evidence), ...ASK_TAGS };
  if (untagged === undefined) return notSeen('no instance without tags was read');
  const word = UNTAGGED.find(([, is]) => is(untagged.entry))?.[0];
  if (word !== undefined) return found(word, evidence);
  if ('tags' in untagged.entry) return notSeen('tags that ShowTags does not know');
  return tagged === undefined
    ? notSeen('an untagged instance shows none; no tagged one was read')
    : { ...found('absent when none', evidence), ...ASK_TAGS };
}

const ASK_TAGS = {
  setting: 'Rules and selectors about tags need dcs:tag:get: the tags are read apart.',
} as const;

/** Both instances with the entries that `entryOf` gives. */
function tagsShown(
  seen: Observations,
  entryOf: (topic: 'instance' | 'other-instance') => Row | null,
): readonly TagsShown[] {
  const pairs = [
    [entryOf('instance'), isTagged(seen, 'tags')],
    [entryOf('other-instance'), isTagged(seen, 'other-tags')],
  ] as const;
  return pairs.flatMap(([entry, tagged]) =>
    entry === null || tagged === null ? [] : [{ entry, isTagged: tagged }],
  );
}

function shownTags(seen: Observations): Finding {
  const all = tagsShown(seen, (topic) => {
    const reading = lastOf(seen, topic);
    return reading === null ? null : fieldsOf(reading.body);
  });
  return tagsFinding(all, whyNone(seen, 'tags'));
}

function listedTags(seen: Observations): Finding {
  const otherId = fieldsOf(lastOf(seen, 'other-instance')?.body)['instance_id'];
  const all = tagsShown(seen, (topic) =>
    listedOf(seen, topic === 'instance' ? seen.instanceId : otherId),
  );
  return tagsFinding(all, whyNone(seen, lastOf(seen, 'instances') === null ? 'instances' : 'tags'));
}

function tagKeys(seen: Observations): Finding {
  const tags = [...answered(seen, 'tags'), ...answered(seen, 'other-tags')];
  const keys = tags.flatMap((each) => rowsOf(each, 'tags')).map(({ key }) => key);
  const digits = keys.filter((key) => /^\d+$/.test(String(key)));
  if (digits.length === 0) return notSeen('no tag key of digits alone was read');
  const isNumber = digits.some((key) => typeof key === 'number');
  return found(isNumber ? 'number' : 'text', 'a tag key of digits alone');
}

function instanceOrder(seen: Observations): Finding {
  const list = lastOf(seen, 'instances');
  if (list === null) return notSeen(whyNone(seen, 'instances'));
  const rows = rowsOf(list, 'instances');
  const order = orderOf(rows.map((row) => row['created_at']));
  return order === null
    ? notSeen(`${rows.length} listed; it takes three of different age`)
    : found(order, `created_at of ${rows.length} instances`);
}

function listTotals(seen: Observations): Finding {
  const pages = answered(seen, 'paged-tasks');
  if (pages.length === 0) return notSeen(whyNone(seen, 'paged-tasks'));
  const filled = pages.filter((each) => rowsOf(each, 'tasks').length > 0);
  const counts = filled.map(({ body }) => Number(fieldsOf(body)['task_count']));
  if (filled.length < 2) return notSeen('fewer than two tasks are listed');
  const isOfPage = counts.every((count) => count === 1);
  return found(isOfPage ? 'page' : 'all', 'task_count of pages of one row');
}

const LIMITS: Readonly<Record<string, string>> = { 200: '1000', 400: '100' };

const refusalOf =
  (topic: Topic, words: Readonly<Record<string, string>>, evidence: string) =>
  (seen: Observations): Finding => {
    const reading = seen.readings.findLast((each) => each.topic === topic);
    const word = words[String(reading?.status)];
    return word === undefined ? notSeen(whyNone(seen, topic)) : found(word, evidence);
  };

/** Texts of a gateway for an access key that it does not know. */
const KEY_TEXTS: readonly (readonly [word: string, text: RegExp])[] = [
  ['Get secretKey failed', /get secretkey failed/i],
  ['ak … not exist', /\bak \S+ not exist/i],
  ['Unauthorized', /unauthorized/i],
];

function unknownKey({ readings }: Observations): Finding {
  const reading = readings.findLast((each) => each.topic === 'unknown-key');
  if (reading?.status !== 401) return notSeen('the invented key was not answered 401');
  const body = isRecord(reading.body) ? Object.values(reading.body).join(' ') : '';
  const word = KEY_TEXTS.find(([, text]) => text.test(body))?.[0] ?? 'other words';
  return found(word, 'the answer to one reading with an invented key');
}

/** Hosts of the vendor stand in public documents; one's own do not. */
const VENDOR_HOST = /^https:\/\/dcs\.[a-z0-9-]+\.myhuaweicloud\.(?:com|eu)$/;

function host(seen: Observations): Finding {
  if (answered(seen, 'instance').length === 0) return notSeen(whyNone(seen, 'instance'));
  const { endpoint, region } = seen;
  const isVendor = VENDOR_HOST.test(endpoint);
  return found(isVendor ? endpoint : 'one of its own', `serves the instance, in region ${region}`);
}

const notAsked = (why: string) => (): Finding => notSeen(`not asked: ${why}`);

/** In the order in which they are shown. */
export const LIST_QUESTIONS: readonly Question[] = [
  { id: 'host', question: 'which host answers', ask: host },
  { id: 'listed-tags', question: 'tags in ListInstances', ask: listedTags },
  { id: 'shown-tags', question: 'tags in ShowInstance', ask: shownTags },
  { id: 'tag-keys', question: 'tag keys of digits', ask: tagKeys },
  {
    id: 'listed-password-access',
    question: 'no_password_access in the list',
    ask: listed(({ no_password_access: value }) => {
      if (typeof value === 'string') return found('text', 'its JSON type');
      return typeof value === 'boolean' ? found('boolean', 'its JSON type') : notSeen('not there');
    }),
  },
  {
    id: 'listed-cache-mode',
    question: 'cache_mode in the list',
    ask: listed((entry) =>
      found(textOf(entry['cache_mode']) === null ? 'absent' : 'present', 'the own entry'),
    ),
  },
  { id: 'instance-order', question: 'order of instances', ask: instanceOrder },
  { id: 'list-totals', question: 'what counts of lists count', ask: listTotals },
  {
    id: 'all-nodes-limit',
    question: 'largest limit of node lists',
    ask: refusalOf('all-nodes', LIMITS, 'a page of 1000'),
  },
  {
    id: 'unknown-job',
    question: 'answer for an unknown job',
    ask: refusalOf('absent-job', { 404: 'not found', 400: 'bad id' }, 'a made-up id'),
  },
  { id: 'unknown-key', question: 'answer for an unknown key', ask: unknownKey },
  {
    id: 'node-switchover',
    question: 'async-switchover of one node',
    ask: notAsked('this tool never sends that call, and not to find out'),
  },
  {
    id: 'shards',
    question: 'shards of cluster and proxy',
    ask: notAsked('such instances are not switched'),
  },
];
