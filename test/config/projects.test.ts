/** Several projects behind one worker: each with its own endpoint, credential and way. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { describeProject, loadWorkerConfig } from '../../src/config/index.js';
import { createProjects, findProjectIn, openProjects } from '../../src/projects.js';
import { startSimulator } from '../../src/simulator/index.js';
import type { Simulator } from '../../src/simulator/index.js';

const ids = ['0ebd32bc6a0123456789abcdef012345', '77b6a44cba5143ab91d13ab9a8ff44fd'] as const;
const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-projects-'));
const write = (name: string, text: string): string => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

let simulators: Simulator[] = [];
beforeAll(async () => {
  simulators = await Promise.all(ids.map((projectId) => startSimulator({ projectId })));
});
afterAll(async () => {
  await Promise.all(simulators.map((simulator) => simulator.close()));
  rmSync(folder, { recursive: true });
});

const configOf = () => {
  const projects = simulators.map(({ projectId, region, endpoint, accessKey, secretKey }) => {
    write(`${projectId}.ak`, accessKey);
    write(`${projectId}.sk`, secretKey);
    const credentials = {
      source: 'files',
      accessKeyFile: `${projectId}.ak`,
      secretKeyFile: `${projectId}.sk`,
    };
    return { projectId, region, endpoint, credentials };
  });
  const file = write('projects.json', JSON.stringify({ projects }));
  return loadWorkerConfig({ DCS_SWITCHOVER_CONFIG: file });
};

describe('the projects of a file', () => {
  it('are called at their own endpoint with their own key, and each call is reported by project', async () => {
    const seen: string[] = [];
    const projects = await createProjects(
      configOf(),
      {},
      {
        onExchange: ({ operation, status }, { projectId }) => {
          seen.push(`${projectId} ${operation} ${status ?? 'none'}`);
        },
      },
    );
    const find = findProjectIn(projects);
    for (const simulator of simulators) {
      const { instanceId } = await simulator.addInstance({});
      const dcs = find(simulator.projectId)?.dcs;
      const answer = await dcs?.showInstance(instanceId, { signal: AbortSignal.timeout(10_000) });
      expect(answer?.value.instanceId).toBe(instanceId);
    }
    expect(seen).toStrictEqual(ids.map((id) => `${id} showInstance 200`));
  });

  it('do not serve another one', () => {
    const find = findProjectIn(openProjects(configOf(), {}));
    expect(find('f'.repeat(32))).toBeUndefined();
    expect(find('__proto__')).toBeUndefined();
  });

  it('are found wanting at start-up, each by its project, when keys are missing', async () => {
    const config = configOf();
    for (const id of ids) rmSync(path.join(folder, `${id}.sk`));
    expect(openProjects(config, {})).toHaveLength(2);
    const wanted = ids.map((id) => `Project ${id}: .*${id}\\.sk`).join('.*');
    await expect(createProjects(config, {})).rejects.toThrow(new RegExp(wanted));
  });

  it('log a user in for one of them before the others, because a few wrong passwords lock him', async () => {
    let isRight = false;
    let logins = 0;
    const iam = createServer((_, response) => {
      logins += 1;
      const token = { expires_at: new Date(Date.now() + 3_600_000).toISOString() };
      if (isRight) response.setHeader('X-Subject-Token', 'token');
      response.statusCode = isRight ? 201 : 401;
      response.end(JSON.stringify(isRight ? { token } : {}));
    });
    await new Promise<void>((resolve) => iam.listen(0, '127.0.0.1', resolve));
    const iamEndpoint = `http://127.0.0.1:${(iam.address() as AddressInfo).port}`;
    const projects = Array.from({ length: 6 }, (_, index) => ({
      projectId: String(index).repeat(32),
      region: 'eu-west-101',
      credentials: { source: 'iam-token', userName: 'me', domainName: 'us', iamEndpoint },
    }));
    const file = write('logins.json', JSON.stringify({ projects }));
    const env = { DCS_SWITCHOVER_CONFIG: file, DCS_IAM_PASSWORD: 'word' };
    try {
      await expect(createProjects(loadWorkerConfig(env), env)).rejects.toThrow(
        /^Project 0{32}: .*401.* Project 1{32}: not tried, .*Project 5{32}: not tried/,
      );
      expect(logins).toBe(1);
      isRight = true;
      await createProjects(loadWorkerConfig(env), env);
      expect(logins).toBe(7);
    } finally {
      iam.close();
    }
  });

  it('are described for the log without what is secret', () => {
    const [project] = configOf().projects;
    if (project === undefined) throw new Error('no project');
    const agency = {
      source: 'agency',
      base: { source: 'environment' },
      agencyName: 'x',
      domainName: 'y',
      iamEndpoint: 'https://iam.example',
      durationSeconds: 900,
    } as const;
    expect(describeProject(project)['credentials']).toBe('files');
    expect(describeProject({ ...project, credentials: agency })['credentials']).toBe(
      'agency x by environment',
    );
  });
});
