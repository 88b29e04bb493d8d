/** Whether an instance is meant by a selector: yes, no, or not known. Unknown is never taken and never dropped. */
import type { InstanceSelector } from '../contract/index.js';

import { matchesGlob } from './policy.js';
import type { PolicySubject } from './policy.js';

/** What is known of an instance when it is selected; `null`: not known. */
export interface SelectionSubject extends Pick<PolicySubject, 'name' | 'tags'> {
  /** Zone of the one master. */
  readonly masterAvailabilityZone: string | null;
}

/** A selector as the contract or its schema types it. */
type Selector = { readonly [Part in keyof InstanceSelector]: InstanceSelector[Part] | undefined };

/** Each part of a selector, and what it asks for in words. */
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

/** What has to be known before {@link fitOf} can say, in words such as `its tags`; empty where it can. */
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
