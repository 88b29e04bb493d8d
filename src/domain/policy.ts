/** Which instances of a project may be switched at all: the worker's word, above every request. */
import type { InstanceSelector } from '../contract/index.js';

/** Names instances: by id, by name (`*` stands for any text), or by tag (`null`: any value). */
export type InstanceRule =
  | { readonly instanceId: string }
  | { readonly name: string }
  | { readonly tag: { readonly key: string; readonly value: string | null } };

/** What a project's owner allows; a request cannot widen it. */
export interface InstancePolicy {
  /** Only instances that one of these names may be switched; `null`: every one. */
  readonly allow: readonly InstanceRule[] | null;
  /** Instances that must not be switched; wins over `allow`. */
  readonly deny: readonly InstanceRule[];
  /** Least cool-down between two swaps of an instance, in seconds; raises the request's own. */
  readonly coolDownFloorSeconds: number;
}

/** Everything may be switched, with the cool-down that the request asks for. */
export const OPEN_POLICY: InstancePolicy = { allow: null, deny: [], coolDownFloorSeconds: 0 };

/** What is known of an instance when it is judged; `null`: not known. */
export interface PolicySubject {
  readonly instanceId: string;
  readonly name: string | null;
  readonly tags: readonly { readonly key: string; readonly value: string }[] | null;
}

/** The policy's word on one instance. */
export interface PolicyVerdict {
  /** `null`: a rule asks for something that is not known, so no one can say. */
  readonly allowed: boolean | null;
  /** The rule that decided, and its list; `null` where no rule had to. */
  readonly rule: { readonly list: 'allow' | 'deny'; readonly rule: InstanceRule } | null;
}

/**
 * Whether an instance may be switched. A denying rule wins over an allowing one, in whatever order they
 * stand; a rule that cannot be judged never lets an instance through.
 */
export function judgeInstance(policy: InstancePolicy, subject: PolicySubject): PolicyVerdict {
  const denying = firstMatch(policy.deny, subject);
  if (denying?.isSure === true) return verdict(false, 'deny', denying);
  const allowing = policy.allow === null ? null : firstMatch(policy.allow, subject);
  if (policy.allow !== null && allowing === null) return { allowed: false, rule: null };
  if (denying !== null) return verdict(null, 'deny', denying);
  if (allowing === null) return { allowed: true, rule: null };
  return verdict(allowing.isSure ? true : null, 'allow', allowing);
}

/** Whether some rule is about tags, so that an instance may have to be judged by them. */
export function asksForTags({ allow, deny }: InstancePolicy): boolean {
  return [...(allow ?? []), ...deny].some((rule) => 'tag' in rule);
}

/** The verdict as text, such as `denied by the deny rule name orders-*`. */
export function describeVerdict({ allowed, rule }: PolicyVerdict): string {
  if (rule === null) return allowed === true ? 'no rule forbids it' : 'no rule of allow names it';
  const words = `the ${rule.list} rule ${describeRule(rule.rule)}`;
  if (allowed === null) return `the API did not show what ${words} asks for${howToShow(rule.rule)}`;
  return `${allowed ? 'allowed' : 'denied'} by ${words}`;
}

/** An instance's own page may leave its tags out, and their own page has a permission of its own. */
export function howToShow(rule: InstanceRule): string {
  return 'tag' in rule ? ' (to read tags, the credential needs dcs:tag:get)' : '';
}

/** A rule as text, such as `name orders-*`. */
export function describeRule(rule: InstanceRule): string {
  if ('instanceId' in rule) return `instanceId ${rule.instanceId}`;
  if ('name' in rule) return `name ${rule.name}`;
  return `tag ${rule.tag.key}${rule.tag.value === null ? '' : `=${rule.tag.value}`}`;
}

interface Match {
  readonly rule: InstanceRule;
  /** Whether it is known to match; otherwise it may. */
  readonly isSure: boolean;
}

/** The first rule that matches, else the first that may. */
function firstMatch(rules: readonly InstanceRule[], subject: PolicySubject): Match | null {
  const judged = rules.map((rule) => ({ rule, match: matchesRule(rule, subject) }));
  const found =
    judged.find(({ match }) => match === true) ?? judged.find(({ match }) => match === null);
  return found === undefined ? null : { rule: found.rule, isSure: found.match === true };
}

function verdict(allowed: boolean | null, list: 'allow' | 'deny', { rule }: Match): PolicyVerdict {
  return { allowed, rule: { list, rule } };
}

/** Whether a rule names an instance; `null`: it asks for something that is not known. */
export function matchesRule(rule: InstanceRule, subject: PolicySubject): boolean | null {
  if ('instanceId' in rule) return rule.instanceId === subject.instanceId;
  if ('name' in rule) return subject.name === null ? null : matchesGlob(rule.name, subject.name);
  const { key, value } = rule.tag;
  return (
    subject.tags?.some((tag) => tag.key === key && (value === null || tag.value === value)) ?? null
  );
}

/** `*` stands for any text, also none; everything else for itself. Linear in rule and name. */
function matchesGlob(glob: string, name: string): boolean {
  const parts = glob.split('*');
  const [head = '', ...rest] = parts;
  const tail = rest.pop();
  if (tail === undefined) return name === glob;
  if (!name.startsWith(head) || name.length < head.length + tail.length || !name.endsWith(tail))
    return false;
  const end = name.length - tail.length;
  let from = head.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

// Whether an instance is meant by a selector: yes, no, or not known. Unknown is never taken and never dropped.

/** What is known of an instance when it is selected; `null`: not known. */
export interface SelectionSubject extends Pick<PolicySubject, 'name' | 'tags'> {
  /** Zone of the one master. */
  readonly masterAvailabilityZone: string | null;
}

/** A selector as the contract or its schema types it. */
type Selector = { readonly [Part in keyof InstanceSelector]: InstanceSelector[Part] | undefined };

/** Each part of a selector, and what it asks for as text. */
const PARTS: Readonly<
  Record<
    keyof InstanceSelector,
    {
      readonly asks: string;
      readonly fits: (selector: Selector, subject: SelectionSubject) => boolean | null;
    }
  >
> = {
  namePattern: {
    asks: 'its name',
    fits: ({ namePattern }, { name }) =>
      isAbsent(namePattern) || (name === null ? null : matchesGlob(namePattern, name)),
  },
  tags: {
    asks: 'its tags',
    fits: ({ tags: wanted }, { tags }) =>
      isAbsent(wanted) || Object.keys(wanted).length === 0 || hasAll(tags, wanted),
  },
  masterAvailabilityZone: {
    asks: 'the AZ of its master',
    fits: ({ masterAvailabilityZone: zone }, subject) =>
      isAbsent(zone) || equalOrUnknown(subject.masterAvailabilityZone, zone),
  },
};

/** `false` as soon as one part does not fit; `null` where that is not known of some part. */
export function fitOf(selector: Selector, subject: SelectionSubject): boolean | null {
  const fits = Object.values(PARTS).map((part) => part.fits(selector, subject));
  if (fits.includes(false)) return false;
  return fits.includes(null) ? null : true;
}

/** What has to be known before {@link fitOf} can say, as text such as `its tags`; empty where it can. */
export function unknownParts(selector: Selector, subject: SelectionSubject): string[] {
  return Object.values(PARTS)
    .filter(({ fits }) => fits(selector, subject) === null)
    .map(({ asks }) => asks);
}

function hasAll(
  tags: SelectionSubject['tags'],
  wanted: Readonly<Record<string, string>>,
): boolean | null {
  if (tags === null) return null;
  return Object.entries(wanted).every(([key, value]) =>
    tags.some((tag) => tag.key === key && tag.value === value),
  );
}

function equalOrUnknown(known: string | null, wanted: string): boolean | null {
  return known === null ? null : known === wanted;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
