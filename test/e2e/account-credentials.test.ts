/**
 * Credentials and permissions that fail as they do at the vendor: one worker, one simulated account per
 * situation. Every claim is judged by the account's ledger.
 */
import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { waitUntil } from '../../src/simulator/basics.js';
import type {
  Fault,
  FaultActions,
  RouteName,
  Simulator,
  SimulatorOptions,
} from '../../src/simulator/index.js';
import { useAccounts } from '../support/account.js';
import { useRig } from '../support/rig.js';

const MINUTE_MS = 60_000;

/** A credential younger than this is not fetched again however often it is refused. */
const RENEWABLE_AFTER_MS = 31_000;

const rig = useRig({ hasWorker: false });
const accounts = useAccounts(rig);

/** An account whose task rows name their job. */
const BY_JOB = { habits: { taskIds: 'job', taskRows: 'withJobId' } } as const;

/** The accounts, by what is the matter with them. */
const SITUATIONS = {
  rotated: {},
  wrongKey: {},
  revoked: {},
  ahead: {},
  behind: {},
  mayNotReadInstance: { deny: ['dcs:instance:get'] },
  mayNotListTasks: { deny: ['dcs:instance:getBackgroundTask'] },
  mayNotReadJobs: { deny: ['dcs:job:get'] },
  mayReadTasksAlone: { deny: ['dcs:job:get', 'dcs:task:list'] },
  mayNotSwap: { deny: ['dcs:instance:swap'] },
  token: {},
  metadata: {},
  agency: {},
  podIdentity: {},
  oidc: {},
  password: { tokenLifetimeSeconds: 4 },
  shortLived: { tokenLifetimeSeconds: 4 },
  otherIds: { habits: { taskIds: 'own', taskRows: 'withoutJobId' } },
  otherIdsByJob: BY_JOB,
} satisfies Record<string, SimulatorOptions>;

type Situation = keyof typeof SITUATIONS;

const simulators = {} as Record<Situation, Simulator>;
let startedAtMs = 0;

beforeAll(async () => {
  for (const [name, options] of Object.entries(SITUATIONS))
    simulators[name as Situation] = await accounts.open(options);
  accounts.secret(WRONG_KEY);
  const projects = Object.entries(simulators).map(([name, simulator]) => {
    const { projectId, region, endpoint } = simulator;
    return { projectId, region, endpoint, credentials: credentialsOf(name as Situation) };
  });
  const config = accounts.file('projects.json', JSON.stringify({ projects }));
  await rig().stack.startWorker(
    {
      ...{ DCS_REGION: '', DCS_ENDPOINT: '', HUAWEICLOUD_SDK_SECURITY_TOKEN: '' },
      ...{ HUAWEICLOUD_SDK_AK: '', HUAWEICLOUD_SDK_SK: '', HUAWEICLOUD_SDK_PROJECT_ID: '' },
      DCS_SWITCHOVER_CONFIG: config,
      HC_CONTAINER_CREDENTIALS_FULL_URI: `${simulators.podIdentity.endpoint}/v1/credentials`,
      HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFileOf('podIdentity'),
    },
    accounts.log,
  );
  startedAtMs = Date.now();
});

const WRONG_KEY = `wrong-${randomUUID()}`;

/** Where the worker finds the credential of an account. */
function credentialsOf(name: Situation): unknown {
  const { endpoint, account } = simulators[name];
  const { userName, domainName, agencyName } = account;
  const iamEndpoint = endpoint;
  if (name === 'metadata') return { source: 'metadata', endpoint };
  if (name === 'agency')
    return { source: 'agency', base: keyFiles(name), agencyName, domainName, iamEndpoint };
  if (name === 'podIdentity') return { source: 'pod-identity' };
  if (name === 'oidc')
    return { source: 'oidc', idpId: account.idpId, iamEndpoint, tokenFile: tokenFileOf(name) };
  if (!['token', 'password', 'shortLived'].includes(name)) return keyFiles(name);
  const passwordFile = accounts.file(`${name}.password`, `${account.password}\n`);
  return { source: 'iam-token', iamEndpoint, userName, domainName, passwordFile };
}

/** The file of the service account's token, as the cluster writes it now. */
function tokenFileOf(name: Situation): string {
  return accounts.file(`${name}.jwt`, simulators[name].account.serviceAccountToken);
}

function keyFiles(name: Situation) {
  const { accessKey, secretKey } = simulators[name];
  return {
    source: 'files',
    accessKeyFile: accounts.file(`${name}.ak`, `${accessKey}\n`),
    secretKeyFile: accounts.file(`${name}.sk`, name === 'wrongKey' ? WRONG_KEY : secretKey),
  };
}

/** Calls that the gateway did not let in. */
const refusals = ({ ledger }: Simulator) => ledger.calls.filter(({ status }) => status === 401);

describe('a key that is wrong', () => {
  test.concurrent('REFUSED after two tries; the message names the place to correct', async () => {
    const simulator = simulators.wrongKey;
    const { outcome, message } = await (await accounts.start(simulator)).end();
    expect(outcome).toBe('REFUSED');
    expect(message).toMatch(/^Nothing was sent\. Check api-readable failed: .*401 APIGW\.0301/);
    expect(message).toMatch(/the credential was refused: correct it in .*wrongKey\.ak/);
    expect(refusals(simulator)).toHaveLength(2);
  });

  test.concurrent('revoked after the PUT: UNKNOWN, and the key is not locked', async () => {
    const simulator = simulators.revoked;
    const run = await accounts.start(simulator, {
      prepare: ({ instanceId }) => {
        simulator.faults.add({ route: 'showJob', instanceId, calls: 1, hold: true });
      },
    });
    await untilCalled(simulator, 'showJob');
    simulator.setCredentials({ accessKey: simulator.accessKey, secretKey: randomUUID() });
    simulator.faults.clear();
    const { outcome, message, puts } = await run.end();
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'UNKNOWN', puts: 1 });
    expect(message).toMatch(/the credential was refused/);
    expect(refusals(simulator).length).toBeLessThan(5);
  });
});

describe('a clock that is 16 min off', () => {
  test.concurrent.each([
    ['ahead', 'ahead of', 16 * MINUTE_MS],
    ['behind', 'behind', -16 * MINUTE_MS],
  ] as const)('%s: REFUSED, and the message says how far', async (name, direction, offMs) => {
    const simulator = simulators[name];
    simulator.setClockOffset(rig().clocks.workerMs - offMs);
    const { outcome, message } = await (await accounts.start(simulator)).end();
    expect(outcome).toBe('REFUSED');
    expect(message).toMatch(
      new RegExp(`this machine's clock is 9[56]\\d s ${direction} the API; set it`),
    );
    expect(message).not.toContain('credential was refused');
    expect(refusals(simulator)).toHaveLength(1);
  });
});

describe('a permission that is missing', () => {
  test.concurrent.each([
    ['mayNotReadInstance', 'dcs:instance:get'],
    ['mayNotListTasks', 'dcs:instance:getBackgroundTask'],
  ] as const)('%s: REFUSED, and the message names the action', async (name, action) => {
    const { outcome, message } = await (await accounts.start(simulators[name])).end();
    expect(outcome).toBe('REFUSED');
    expect(message).toContain(`the credential lacks ${action}`);
    expect(message).toContain('request id');
  });

  test.concurrent('to read jobs: SUCCEEDED by the task list, with a warning', async () => {
    const { outcome, result, puts } = await (await accounts.start(simulators.mayNotReadJobs)).end();
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
    expect(result.warnings.join()).toContain('the credential lacks dcs:job:get');
  });

  describe('to read jobs, and the task centre, where rows have ids of their own', () => {
    const scripted = async (fault: FaultActions) => {
      const simulator = simulators.mayReadTasksAlone;
      const run = await accounts.start(simulator, {
        prepare: ({ instanceId }) => {
          simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, ...fault });
        },
      });
      const { outcome, result, puts, hasMoved } = await run.end();
      return { outcome, puts: puts.length, hasMoved, cause: result.cause, result };
    };

    test.concurrent('SUCCEEDED by the only new row, which is of our own user', async () => {
      const { result, ...end } = await scripted({});
      expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1, hasMoved: true });
      expect(result.warnings.join()).toContain('the credential lacks dcs:job:get');
      expect(result.warnings.join()).toContain('which is our own');
    });

    test.concurrent('SUCCEEDED by the only new row, whose user no one knows', async () => {
      const end = await scripted({ taskRow: { userName: null, userId: null } });
      expect(end).toMatchObject({ outcome: 'SUCCEEDED', puts: 1, hasMoved: true });
      expect(end.result.warnings.join()).toContain('not known to be ours');
    });

    test.concurrent('FAILED_UNCHANGED where that row reports that it failed', async () => {
      const end = await scripted({ job: { outcome: 'FAIL' } });
      expect(end).toMatchObject({ outcome: 'FAILED_UNCHANGED', puts: 1, hasMoved: false });
    });

    test.concurrent('COMPENSATED by the row of the swap back', async () => {
      const end = await scripted({ job: { newMasterStatus: 'Inactive' } });
      expect(end).toMatchObject({ outcome: 'COMPENSATED', puts: 2, hasMoved: false });
    });

    test.concurrent('UNKNOWN where the job never ends', async () => {
      const end = await scripted({ job: { neverEnds: true } });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1, cause: 'JOB_STILL_RUNNING' });
      expect(end.result.message).toContain('the credential lacks dcs:job:get');
    });

    test.concurrent('UNKNOWN where the only new row is of another user', async () => {
      const end = await scripted({ taskRow: { never: true }, foreignSwapAfterMs: 0 });
      expect(end).toMatchObject({ outcome: 'UNKNOWN', puts: 1 });
    });
  });

  test.concurrent('to swap: FAILED_UNCHANGED, the message names the action', async () => {
    const { outcome, message, puts, hasMoved } = await (
      await accounts.start(simulators.mayNotSwap)
    ).end();
    expect({ outcome, hasMoved, puts: puts.length }).toEqual({
      outcome: 'FAILED_UNCHANGED',
      hasMoved: false,
      puts: 1,
    });
    expect(message).toContain('the credential lacks dcs:instance:swap');
    expect(message).toContain('Remedy that first');
  });
});

test.concurrent(
  'key files exchanged while the job runs, the old key revoked: SUCCEEDED',
  async () => {
    const simulator = simulators.rotated;
    const { faults } = simulator;
    const run = await accounts.start(simulator, {
      prepare: ({ instanceId }) => {
        faults.add({ route: 'showJob', instanceId, calls: 1, hold: true });
      },
    });
    await untilCalled(simulator, 'showJob');
    const next = { accessKey: `NEXT${randomUUID()}`, secretKey: randomUUID() };
    accounts.secret(next.accessKey, next.secretKey);
    accounts.file('rotated.ak', next.accessKey);
    accounts.file('rotated.sk', next.secretKey);
    simulator.setCredentials(next);
    faults.clear();
    const { outcome, puts } = await run.end();
    expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
    expect(refusals(simulator)).toHaveLength(0);
  },
);

test.concurrent('a token that ends every few seconds is renewed before it does', async () => {
  const simulator = simulators.shortLived;
  const { outcome, puts } = await (await accounts.start(simulator)).end();
  expect({ outcome, puts: puts.length }).toEqual({ outcome: 'SUCCEEDED', puts: 1 });
  expect(simulator.ledger.count('createToken')).toBeGreaterThan(1);
  expect(refusals(simulator)).toHaveLength(0);
});

test.concurrent(
  'a password that IAM does not take any more: REFUSED, IAM is not hammered',
  async () => {
    const simulator = simulators.password;
    simulator.account.setPassword(`next-${randomUUID()}`);
    simulator.expireIssued();
    await waitUntil('the end of the token by its own state', 120_000, () =>
      Promise.resolve(Date.now() - startedAtMs > 4_000),
    );
    const { outcome, message } = await (await accounts.start(simulator)).end();
    expect(outcome).toBe('REFUSED');
    expect(message).toMatch(/not sent: IAM at .* refused \(401/);
    expect(message).toContain('user name, account name or password is wrong');
    // One at start-up; then two in the 15 s of the pre-check's five attempts, a third on a slow machine.
    expect(simulator.ledger.count('createToken')).toBeLessThanOrEqual(4);
  },
);

describe('what was issued expires mid-run: fetched again, SUCCEEDED', () => {
  test.concurrent.each([
    ['token', 'createToken'],
    ['metadata', 'showSecurityKey'],
    ['agency', 'createSecurityToken'],
    ['podIdentity', 'assumePodIdentity'],
    ['oidc', 'createTokenForIdToken'],
  ] as const)('%s', async (name, route) => {
    const simulator = simulators[name];
    const { faults, ledger } = simulator;
    await untilRenewable();
    const holdBack = (of: RouteName, calls: number) =>
      accounts.start(simulator, {
        prepare: ({ instanceId }) => {
          held.push(faults.add({ route: of, instanceId, calls, hold: true }));
        },
      });
    const held: Fault[] = [];
    const beforeThePut = await holdBack('listNodes', 2);
    const atThePut = await holdBack('listTasks', 2);
    const whilePolling = await holdBack('showJob', 1);
    await untilCalled(simulator, 'listNodes', beforeThePut.instance.instanceId, 2);
    await untilCalled(simulator, 'listTasks', atThePut.instance.instanceId, 2);
    await untilCalled(simulator, 'showJob', whilePolling.instance.instanceId);
    simulator.expireIssued();
    // A cluster exchanges the token of a service account every hour or so; the old one is worth nothing then.
    const next = `next-${randomUUID()}`;
    accounts.secret(next);
    simulator.account.setServiceAccountToken(next);
    tokenFileOf(name);
    // Whoever comes first makes the credential new for all.
    held[1]?.release();
    await untilCalled(simulator, 'asyncSwap', atThePut.instance.instanceId);
    faults.clear();
    const ends = await Promise.all([beforeThePut.end(), atThePut.end(), whilePolling.end()]);
    const carriedOut = ends.map(({ outcome, puts }) => {
      const executed = puts.filter((put) => put.executed);
      return `${outcome} ${executed.length}`;
    });
    expect(carriedOut).toEqual(['SUCCEEDED 1', 'SUCCEEDED 1', 'SUCCEEDED 1']);
    // The PUT that comes first is answered 401, which is provably not applied, unless a reading beside it was first.
    expect(ends.map(({ puts }) => puts.length <= 2)).toEqual([true, true, true]);
    expect(ledger.count(route)).toBe(2);
  });
});

describe('an account whose task rows show another id of our user than STS', () => {
  const open = (name: 'otherIds' | 'otherIdsByJob'): Simulator => {
    const simulator = simulators[name];
    const { userName } = simulator.account;
    const body = { principal_urn: `iam::x:user:${userName}`, principal_id: 'e'.repeat(32) };
    simulator.faults.add({ route: 'showCallerIdentity', respond: { status: 200, body } });
    return simulator;
  };
  const run = async (simulator: Simulator, isAnswered: boolean) => {
    const prepare = ({ instanceId }: { readonly instanceId: string }): void => {
      if (isAnswered) return;
      simulator.faults.add({ route: 'asyncSwap', instanceId, calls: 1, reset: 'after' });
    };
    const { outcome, result, puts } = await (await accounts.start(simulator, { prepare })).end();
    return { outcome, cause: result.cause, puts: puts.length };
  };

  test.concurrent('a swap of ours is not taken for that of another: SUCCEEDED', async () => {
    const simulator = open('otherIds');
    expect(await run(simulator, true)).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
    // Its name alone proves nothing where the answer is lost, and no one is accused.
    const unresolved = { outcome: 'UNKNOWN', cause: 'UNATTRIBUTED_SWAP', puts: 1 };
    expect(await run(simulator, false)).toEqual(unresolved);
  });

  test.concurrent('the row of a job of ours teaches that id: a lost answer is found', async () => {
    const simulator = open('otherIdsByJob');
    expect(await run(simulator, true)).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
    expect(await run(simulator, false)).toMatchObject({ outcome: 'SUCCEEDED', puts: 1 });
  });
});

async function untilRenewable(): Promise<void> {
  await waitUntil('old enough', 120_000, () =>
    Promise.resolve(Date.now() - startedAtMs > RENEWABLE_AFTER_MS),
  );
}

function untilCalled(
  { ledger }: Simulator,
  route: RouteName,
  instanceId?: string,
  times = 1,
): Promise<void> {
  return waitUntil(`${times} × ${route}`, 120_000, () =>
    Promise.resolve(ledger.count(route, instanceId) >= times),
  );
}
