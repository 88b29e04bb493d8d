/** Examples at the end of each command's help; every one is run by the tests as far as it is read. */
import type { Command } from 'commander';

import { entryOf } from '../util.js';

/** What follows the words of a command, by those; one to three that a person would type. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  plan: ['INSTANCE --to-az eu-west-101b'],
  switch: [
    'INSTANCE --to-az eu-west-101b --reason "drain 101a"',
    'INSTANCE --avoid-az eu-west-101a --no-wait',
    'INSTANCE --toggle --request-id CHG-4711 -o json',
  ],
  wait: ['INSTANCE', 'INSTANCE --wait-timeout 600 -o json'],
  status: ['INSTANCE', 'INSTANCE --watch'],
  history: ['INSTANCE --limit 5'],
  audit: ['INSTANCE'],
  report: ['INSTANCE', 'INSTANCE -o html > ticket.html'],
  list: ['--since 8h', '--unresolved', '--outcome UNKNOWN --watch --interval 5s'],
  instances: ['', '-o json'],
  cancel: ['INSTANCE'],
  verify: ['INSTANCE --examined-run 7d9f4c1e-0b52-4b8e-9f0a-3c2d1e4f5a6b'],
  adopt: ['INSTANCE --job JOB_ID'],
  resolve: ['INSTANCE --outcome SUCCEEDED --statement seen --by ann'],
  'maintenance plan': ['--file drain.yaml', 'drain-az1 --file drain.yaml -o json'],
  'maintenance start': ['--file drain.yaml', 'az1 --file drain.yaml --require-approval'],
  'maintenance list': ['--since 2d', '--watch'],
  'maintenance progress': ['drain-az1'],
  'maintenance wait': ['drain-az1', 'drain-az1 --report reports/'],
  'maintenance approve': ['drain-az1 --by NAME --reason "CHG-4711"'],
  'maintenance reject': ['drain-az1 --reason "too many at once"'],
  'maintenance pause': ['drain-az1 --reason "incident 17"'],
  'maintenance resume': ['drain-az1'],
  'maintenance skip': ['drain-az1 INSTANCE --reason "not ready"'],
  'maintenance abort': ['drain-az1 --reason "incident 17" --yes'],
  'maintenance cancel': ['drain-az1 --yes'],
  'maintenance report': ['drain-az1', 'drain-az1 -o html > ticket.html'],
  'maintenance audit': ['drain-az1'],
  'schedule preview': ['nightly --file nightly.yaml'],
  'schedule ensure': ['nightly --file nightly.yaml'],
  'schedule list': ['', '-o json'],
  'schedule describe': ['nightly'],
  'schedule pause': ['nightly --reason "change freeze"'],
  'schedule resume': ['nightly'],
  'schedule trigger': ['nightly'],
  'schedule backfill': ['nightly --from 2026-11-01T02:00:00Z --until 2026-11-02T02:00:00Z --yes'],
  'schedule delete': ['nightly --yes'],
  freeze: ['--for 8h --reason "incident 17" --yes'],
  thaw: ['', '--by NAME'],
  worker: ['', '--task-queue blue'],
  inspect: ['INSTANCE'],
  doctor: ['', '--instance INSTANCE', '--record dcs-answers'],
  certify: ['INSTANCE --yes-this-instance NAME --out answers'],
  setup: ['', '--print'],
  simulator: ['', '--habit addresses=fixed -o json'],
  completion: ['bash', 'fish'],
  dev: ['', '--demo --keep', '--instances 6 --faults lost-answers,slow-jobs'],
};

/** Adds its examples to the help of each command that is no group. @param words of the command */
export function addExamples(command: Command, words: readonly string[] = []): void {
  for (const each of command.commands) addExamples(each, [...words, each.name()]);
  const path = words.join(' ');
  const examples = entryOf(EXAMPLES, path);
  if (examples === undefined) return;
  const lines = examples.map((rest) => `  dcs-switchover ${path} ${rest}`.trimEnd());
  command.addHelpText(
    'after',
    ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines].join('\n'),
  );
}
