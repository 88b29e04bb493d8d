/** Every source against the simulator's account, which checks what it is sent by code of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createReader } from '../../../src/activities/session.js';
import { createCredentialSource, createDcsClient } from '../../../src/dcs/index.js';
import type { CredentialSettings } from '../../../src/dcs/index.js';
import { startSimulator } from '../../../src/simulator/index.js';
import type { Simulator } from '../../../src/simulator/index.js';
import { rejectionOf } from '../support.js';

let simulator: Simulator;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'account-'));
  simulator = await startSimulator();
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);

async function writeKeys(): Promise<void> {
  const { accessKey, secretKey } = simulator;
  await writeFile(at('ak'), `${accessKey}\n`);
  await writeFile(at('sk'), `${secretKey}\n`);
  await writeFile(at('profile'), `[basic]\nak = ${accessKey}\nsk = ${secretKey}\n`);
}

function settingsOf(name: string): CredentialSettings {
  const { endpoint, projectId, account } = simulator;
  const iam = { iamEndpoint: endpoint, domainName: account.domainName };
  const files: CredentialSettings = {
    source: 'files',
    accessKeyFile: at('ak'),
    secretKeyFile: at('sk'),
    securityTokenFile: null,
  };
  const token: CredentialSettings = {
    source: 'iam-token',
    ...iam,
    userName: account.userName,
    passwordFile: null,
    projectId,
  };
  const agency = {
    source: 'agency',
    ...iam,
    agencyName: account.agencyName,
    durationSeconds: 900,
  } as const;
  const all: Readonly<Record<string, CredentialSettings>> = {
    files,
    profile: { source: 'profile', file: at('profile'), section: 'basic' },
    token,
    metadata: { source: 'metadata', endpoint },
    agency: { ...agency, base: files },
    'agency by token': { ...agency, base: token },
  };
  return all[name] ?? { source: 'environment' };
}

/** The readings of an activity: a refused credential is read again once. */
async function open(name: string) {
  await writeKeys();
  const { endpoint, projectId, accessKey, secretKey, account } = simulator;
  const env = {
    HUAWEICLOUD_SDK_AK: accessKey,
    HUAWEICLOUD_SDK_SK: secretKey,
    DCS_IAM_PASSWORD: account.password,
  };
  const credentials = createCredentialSource(settingsOf(name), { env });
  const dcs = createDcsClient({ endpoint, projectId, credentials });
  const [instance] = simulator.instances;
  const read = () => {
    const reader = createReader(dcs, instance?.instanceId ?? '', AbortSignal.timeout(5_000));
    return reader.instance().then(({ value }) => value.status);
  };
  return { read };
}

const SOURCES = [
  'environment',
  'files',
  'profile',
  'token',
  'metadata',
  'agency',
  'agency by token',
];

describe.each(SOURCES)('%s', (name) => {
  it('opens the API', async () => {
    const { read } = await open(name);
    expect(await read()).toBe('RUNNING');
  });
});

describe.each(['token', 'metadata', 'agency', 'agency by token'])('%s', (name) => {
  it('is replaced when it has been ended before its time', async () => {
    const { read } = await open(name);
    await read();
    simulator.expireIssued();
    expect(await read()).toBe('RUNNING');
  });
});

describe.each(['files', 'profile'])('%s', (name) => {
  it('may be rotated under a running worker', async () => {
    const { read } = await open(name);
    await read();
    simulator.setCredentials({ accessKey: 'AKROTATED0000000', secretKey: 'SKROTATED' });
    await writeKeys();
    expect(await read()).toBe('RUNNING');
  });
});

describe('a clock that is 16 min off', () => {
  it.each([16, -16])('(%i) is named, after one reading', async (minutes) => {
    const { read } = await open('files');
    simulator.setClockOffset(minutes * 60_000);
    const error = await rejectionOf(read());
    expect((error as Error).message).toMatch(
      /clock is 9(?:59|60|61) s (?:behind|ahead of) the API/,
    );
    expect(simulator.ledger.calls).toHaveLength(1);
  });

  it('does not make a token look ended: IAM’s own clock counts', async () => {
    const { read } = await open('token');
    simulator.setClockOffset(-26 * 3_600_000);
    expect(await read()).toBe('RUNNING');
    expect(await read()).toBe('RUNNING');
    expect(simulator.ledger.calls.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});
