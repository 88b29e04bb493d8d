/** What is written down of a first contact: the answers, a profile for runs, and a file for a bug report. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createPseudonyms, redactBody } from '../doctor/index.js';
import { packageVersion } from '../package-version.js';
import { visible } from '../util.js';

import type { Answer } from './answer.js';
import { LIST_QUESTIONS } from './list-questions.js';
import type { Observations, Reading } from './observations.js';
import { identityOf, NODE_QUESTIONS } from './node-questions.js';
import { REDIS_QUESTIONS } from './redis-questions.js';
import { jobTimesOf, ownUserOf, TASK_QUESTIONS } from './task-questions.js';

/** Every open question with the answer that the observations give. */
export function answersOf(seen: Observations): readonly Answer[] {
  return [...NODE_QUESTIONS, ...TASK_QUESTIONS, ...REDIS_QUESTIONS, ...LIST_QUESTIONS].map(
    ({ id, question, ask }) => ({
      id,
      question,
      ...ask(seen),
    }),
  );
}

/** What runs need to know of an account; what was not seen is absent. Holds no secret. */
export interface Profile {
  readonly projectId: string;
  readonly nodeIdentity?: string;
  readonly taskUserName?: string;
  /** How long swap jobs took. */
  readonly jobSeconds?: { readonly shortest: number; readonly longest: number };
}

/** The profile that the observations give. */
export function profileOf(seen: Observations, projectId: string): Profile {
  const nodeIdentity = identityOf(seen);
  const taskUserName = ownUserOf(seen);
  const times = jobTimesOf(seen).map((ms) => ms / 1000);
  return {
    projectId,
    ...(nodeIdentity === null ? {} : { nodeIdentity }),
    ...(taskUserName === null ? {} : { taskUserName }),
    ...(times.length === 0
      ? {}
      : { jobSeconds: { shortest: Math.min(...times), longest: Math.max(...times) } }),
  };
}

const PROFILE_HEAD = `# Written by certify: how the API behaved for this project.
# Name this file in DCS_SWITCHOVER_PROFILE of the workers. It holds no secret.
`;

/** Readings of a bug report; a watch of an hour makes no more. */
const MAX_READINGS = 300;

/** The answers with what they were read from, fit to be shown to others. */
function bugReportOf(seen: Observations, answers: readonly Answer[]): object {
  const pseudonyms = createPseudonyms();
  const [first] = seen.readings;
  const sanitised = seen.readings.map(({ topic, leg, sentAtMs, status, body }) => ({
    ...{ topic, leg, status },
    atMs: Math.round(sentAtMs - (first?.sentAtMs ?? 0)),
    body: redactBody(body, pseudonyms),
  }));
  return {
    versions: { 'dcs-switchover': packageVersion(), node: process.version },
    region: seen.region,
    answers,
    swaps: seen.swaps.map(({ leg, outcome, cause }) => ({ leg, outcome, cause })),
    readings: sanitised.filter(isNews).slice(0, MAX_READINGS),
  };
}

/** The same answer again says nothing that its time does not. */
function isNews(
  reading: Pick<Reading, 'topic' | 'body'>,
  at: number,
  all: readonly Pick<Reading, 'topic' | 'body'>[],
): boolean {
  const before = all.slice(0, at).findLast(({ topic }) => topic === reading.topic);
  return JSON.stringify(before?.body) !== JSON.stringify(reading.body);
}

/** Where everything was written. */
export interface Written {
  readonly profile: string;
  readonly bugReport: string;
}

/** Writes both files into an empty folder; only its owner may read them. */
export async function writeFindings(
  folder: string,
  seen: Observations,
  { projectId, answers }: { readonly projectId: string; readonly answers: readonly Answer[] },
): Promise<Written> {
  const { stringify } = await import('yaml');
  const written = {
    profile: path.join(folder, 'profile.yaml'),
    bugReport: path.join(folder, 'bug-report.json'),
  };
  const profile = stringify({ projects: [profileOf(seen, projectId)] });
  const report = JSON.stringify(bugReportOf(seen, answers), null, 2);
  const options = { flag: 'wx', mode: 0o600 } as const;
  await writeFile(written.profile, PROFILE_HEAD + profile, options);
  await writeFile(written.bugReport, `${visible(report)}\n`, options);
  return written;
}
