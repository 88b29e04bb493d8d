/** The settings of the webhook are checked at the start, and none is ever repeated: each may be a secret. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { loadWorkerConfig } from '../../src/config/index.js';
import type { WebhookConfig, ConfigurationError } from '../../src/config/index.js';
import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import { newSecret } from '../support/receiver.js';

const GOOD = {
  HUAWEICLOUD_SDK_PROJECT_ID: '0ebd32bc6a0123456789abcdef012345',
  DCS_REGION: 'eu-west-101',
};
const URL_VARIABLE = 'DCS_SWITCHOVER_WEBHOOK_URL';
const SECRET = 'DCS_SWITCHOVER_WEBHOOK_SECRET';
const FILE = 'DCS_SWITCHOVER_WEBHOOK_SECRET_FILE';
const FORMAT = 'DCS_SWITCHOVER_WEBHOOK_FORMAT';
const EVENTS = 'DCS_SWITCHOVER_WEBHOOK_EVENTS';
const DEFAULTS = { format: 'cloudevents', types: Object.values(NOTIFICATION_TYPES) };
const URL_VALUE = 'https://hooks.example/token-of-the-url?key=canary';

const load = (env: Record<string, string>): WebhookConfig | null =>
  loadWorkerConfig({ ...GOOD, ...env }).webhook;

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    load(env);
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
  return [];
};

let folder: string;
let goodFile: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'webhook-'));
  goodFile = path.join(folder, 'secret');
  await writeFile(goodFile, `${newSecret()}\n`);
  await writeFile(path.join(folder, 'bad'), 'canary');
});
afterAll(() => rm(folder, { recursive: true }));

describe('a webhook', () => {
  it('has its secret in the environment, and never in the configuration', () => {
    const secret = newSecret();
    const webhook = load({ [URL_VARIABLE]: URL_VALUE, [SECRET]: secret });
    expect(webhook).toStrictEqual({ url: URL_VALUE, secretFile: null, ...DEFAULTS });
  });

  it('has its secret in a file', () => {
    const webhook = load({ [URL_VARIABLE]: 'http://127.0.0.1:9/x', [FILE]: goodFile });
    expect(webhook).toStrictEqual({
      ...{ url: 'http://127.0.0.1:9/x', secretFile: goodFile },
      ...DEFAULTS,
    });
  });

  it('of a chat needs no secret, because its address is one', () => {
    expect(load({ [URL_VARIABLE]: URL_VALUE, [FORMAT]: 'slack' })).toStrictEqual({
      ...{ url: URL_VALUE, secretFile: null },
      ...{ ...DEFAULTS, format: 'slack' },
    });
  });

  it('is notified of what it names', () => {
    const { switchoverEnded, maintenanceApproval } = NOTIFICATION_TYPES;
    const events = { [EVENTS]: `${maintenanceApproval}, ${switchoverEnded}` };
    const webhook = load({ [URL_VARIABLE]: URL_VALUE, [SECRET]: newSecret(), ...events });
    expect(webhook?.types).toStrictEqual([switchoverEnded, maintenanceApproval]);
  });

  it.each([
    ['an event that is none', EVENTS, 'dcs-switchover.switchover.over.v1', 'switchover.ended.v1'],
    ['an empty event', EVENTS, ',', 'switchover.ended.v1'],
    ['a format that is none', FORMAT, 'teams', 'cloudevents, slack'],
    ['a format of every object', FORMAT, 'constructor', 'cloudevents, slack'],
  ])('is refused with %s, and %s lists what there is', (_, variable, value, allowed) => {
    const given = { [URL_VARIABLE]: URL_VALUE, [SECRET]: newSecret(), [variable]: value };
    const problems = problemsOf(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} .*${allowed}`));
  });

  it.each([
    ['plain http', 'http://hooks.example/canary'],
    ['no URL', 'canary'],
    ['another protocol', 'ftp://hooks.example/canary'],
    ['a user and password', 'https://canary:word@hooks.example/'],
    ['a fragment', 'https://hooks.example/#canary'],
  ])('is refused with %s', (_, url) => {
    const problems = problemsOf({ [URL_VARIABLE]: url, [SECRET]: newSecret() });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${URL_VARIABLE} (?!.*canary)`));
  });

  it.each<[string, string, Record<string, string>]>([
    ['no secret', FILE, { [URL_VARIABLE]: URL_VALUE }],
    ['a secret that is none', SECRET, { [URL_VARIABLE]: URL_VALUE, [SECRET]: 'canary' }],
    ['no URL', SECRET, { [SECRET]: newSecret() }],
    ['no URL', FILE, { [FILE]: '/somewhere' }],
    ['no URL', FORMAT, { [FORMAT]: 'slack' }],
    ['no URL', EVENTS, { [EVENTS]: NOTIFICATION_TYPES.switchoverEnded }],
    ['a file that is not there', FILE, { [URL_VARIABLE]: URL_VALUE, [FILE]: '/nowhere/canary' }],
    ['a folder', FILE, { [URL_VARIABLE]: URL_VALUE, [FILE]: '/' }],
    ['a file without an end', FILE, { [URL_VARIABLE]: URL_VALUE, [FILE]: '/dev/zero' }],
  ])('is refused with %s, by the name of %s', (_, variable, env) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${variable} (?!.*canary)`));
  });

  it('is refused with two secrets, or a file that holds none', () => {
    const both = { [URL_VARIABLE]: URL_VALUE, [SECRET]: newSecret(), [FILE]: goodFile };
    expect(problemsOf(both)).toStrictEqual([`${SECRET} and ${FILE} are both set: unset one`]);
    const bad = problemsOf({ [URL_VARIABLE]: URL_VALUE, [FILE]: path.join(folder, 'bad') });
    expect(bad).toStrictEqual([expect.stringMatching(`^${FILE} is not whsec_ and base64`)]);
  });
});
