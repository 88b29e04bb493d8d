/** The profile that `certify` writes, as workers take it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { ConfigurationError, loadWorkerConfig } from '../../src/config/index.js';
import type { ProjectConfig } from '../../src/config/index.js';

const PROJECT_ID = 'a'.repeat(32);

/** The one project of the environment, with a profile of this content. */
function projectWith(profile: string, env: NodeJS.ProcessEnv = {}): ProjectConfig | undefined {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'profile-')), 'profile.yaml');
  writeFileSync(file, profile);
  const project = { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID, DCS_REGION: 'eu-west-101' };
  const credentials = { HUAWEICLOUD_SDK_AK: 'ak', HUAWEICLOUD_SDK_SK: 'sk' };
  const config = { ...project, ...credentials, DCS_SWITCHOVER_PROFILE: file, ...env };
  return loadWorkerConfig(config).projects[0];
}

const profileOf = (fields: object, projectId = PROJECT_ID): string =>
  JSON.stringify({ projects: [{ projectId, ...fields }] });

const LEARNT = {
  nodeIdentity: 'replication-id',
  taskUserName: 'switcher',
  jobSeconds: { shortest: 2.9, longest: 3.4 },
};

describe('a profile', () => {
  it('fills in what the settings leave out', () => {
    expect(projectWith(profileOf(LEARNT))).toMatchObject({
      nodeIdentity: 'replication-id',
      taskUserName: 'switcher',
      jobTimes: { shortestMs: 2_900, longestMs: 3_400 },
    });
  });

  it('changes nothing of another project', () => {
    const defaults = { nodeIdentity: 'node-id', taskUserName: null, jobTimes: null };
    expect(projectWith(profileOf(LEARNT, 'b'.repeat(32)))).toMatchObject(defaults);
  });

  it('may say the same as the settings', () => {
    const env = { DCS_NODE_IDENTITY: 'replication-id', DCS_TASK_USER_NAME: 'switcher' };
    expect(projectWith(profileOf(LEARNT), env)).toMatchObject({ taskUserName: 'switcher' });
  });

  it.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
    [
      'another identity',
      profileOf(LEARNT),
      { DCS_NODE_IDENTITY: 'node-id' },
      /another nodeIdentity/,
    ],
    ['another user', profileOf(LEARNT), { DCS_TASK_USER_NAME: 'me' }, /another taskUserName/],
    [
      'no file',
      '',
      { DCS_SWITCHOVER_PROFILE: '/no/such.yaml' },
      /PROFILE .*cannot be read \(ENOENT/,
    ],
    ['no project', 'projects: []', {}, /names no project/],
    [
      'a job of no time',
      profileOf({ jobSeconds: { shortest: 0, longest: 1 } }),
      {},
      /jobSeconds.shortest/,
    ],
    ['an unknown field', profileOf({ secretKey: 'canary' }), {}, /projects\.0/],
    ['no YAML', 'a: [', {}, /neither JSON nor YAML/],
  ])('is refused with %s', (_, profile, env, problem) => {
    const load = () => projectWith(profile, env);
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(problem);
    expect(load).not.toThrow(/canary/);
  });
});
