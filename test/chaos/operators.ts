/** Who freezes and thaws, and who runs a maintenance and decides on it. */
import { randomUUID } from 'node:crypto';

import type { MaintenanceInput } from '../../src/contract/index.js';

import { attempt } from './book.js';
import { CHAOS_TIMING, isOver, rest } from './callers.js';
import type { Desk } from './callers.js';

const BY = 'operator of the chaos';
const WHY = 'chaos';

/** Freezes now and then, for some seconds. */
export async function freezeNowAndThen(desk: Desk): Promise<void> {
  const { site, book, dice } = desk;
  const { freezes } = site.clients;
  while (!isOver(desk)) {
    await rest(desk, 15_000, 45_000);
    if (isOver(desk)) return;
    const until = new Date(Date.now() + dice.between(8_000, 20_000)).toISOString();
    await attempt(book, 'freeze', () => freezes.start({ until, reason: WHY, by: BY }));
    await rest(desk, 0, 8_000);
    await attempt(book, 'thaw', () => freezes.thaw({ by: BY }));
  }
}

/** Runs one maintenance after the other over the instances that are set aside for that. */
export async function maintain(desk: Desk): Promise<void> {
  const { site, book } = desk;
  const { maintenance } = site.clients;
  while (!isOver(desk)) {
    await rest(desk, 1_000, 6_000);
    const input = maintenanceFor(desk);
    const started = await attempt(book, 'start maintenance', () => maintenance.start(input));
    if (started === undefined) continue;
    book.started.push(started);
    const { maintenanceId } = input;
    await decide(maintenanceId, desk);
    const wait = () => maintenance.result({ maintenanceId }, { timeoutMs: 10_000 });
    while (!isOver(desk)) {
      const result = await attempt(book, 'wait for maintenance', wait);
      if (result !== undefined || (await isClosed(started.workflowId, desk))) break;
      if (desk.dice.chance(0.1)) await interfere(maintenanceId, desk);
    }
    await resolveAll(desk);
  }
}

/** One that was rejected, or cancelled before anything was started, has no result. */
async function isClosed(workflowId: string, { site }: Desk): Promise<boolean> {
  const description = await site.temporal.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  return description !== null && description.status.name !== 'RUNNING';
}

function maintenanceFor({ site, dice }: Desk): MaintenanceInput {
  return {
    maintenanceId: `chaos-${randomUUID()}`,
    projectId: site.simulator.projectId,
    instanceIds: site.wards.map(({ instance }) => instance.instanceId),
    toggle: true,
    window: { closesAt: new Date(Date.now() + HOUR_MS).toISOString() },
    expectedDurationSeconds: 10,
    compensationReserveSeconds: 10,
    maxConcurrent: 2,
    maxFailures: 1,
    requireApproval: dice.chance(0.7),
    timing: CHAOS_TIMING,
    ...(dice.chance(0.3) ? { returnLeg: { soakSeconds: 2, withinSeconds: 120 } } : {}),
  };
}

const HOUR_MS = 3_600_000;

/** Approves, or does not; until it has been heard. */
async function decide(maintenanceId: string, desk: Desk): Promise<void> {
  const { site, book, dice } = desk;
  const { maintenance } = site.clients;
  const isApproved = dice.chance(0.9);
  const message = { by: BY, why: WHY };
  const send = () =>
    isApproved
      ? maintenance.approve({ maintenanceId }, message)
      : maintenance.reject({ maintenanceId }, message);
  for (let tries = 0; tries < 5 && !isOver(desk); tries += 1) {
    await rest(desk, 300, 4_000);
    if ((await attempt(book, isApproved ? 'approve' : 'reject', send)) !== undefined) return;
  }
}

/** Pauses and resumes, aborts, or cancels. */
async function interfere(maintenanceId: string, desk: Desk): Promise<void> {
  const { site, book, dice } = desk;
  const { maintenance } = site.clients;
  const message = { by: BY, why: WHY };
  const verb = dice.pick(['pause', 'abort', 'cancel'] as const);
  await attempt(book, `${verb} maintenance`, async () => {
    await maintenance[verb]({ maintenanceId }, message);
  });
  if (verb !== 'pause') return;
  await rest(desk, 500, 4_000);
  const resumed = await attempt(book, 'resume maintenance', () =>
    maintenance.resume({ maintenanceId }, message),
  );
  // A maintenance that no one can resume has to end all the same.
  if (resumed === undefined)
    await attempt(book, 'abort maintenance', () => maintenance.abort({ maintenanceId }, message));
}

/** Settles what a maintenance has left unresolved, so that the next one finds work. */
async function resolveAll({ site, book }: Desk): Promise<void> {
  const { switchover } = site.clients;
  const { projectId } = site.simulator;
  const unresolved = await attempt(book, 'list unresolved', () => switchover.unresolved());
  const mine = site.wards.map(({ instance }) => instance.instanceId);
  for (const run of unresolved ?? []) {
    const { instanceId } = run;
    if (!mine.includes(instanceId)) continue;
    const resolution = {
      outcome: 'FAILED_UNCHANGED',
      statement: 'looked at the roles',
      resolvedBy: BY,
    } as const;
    await attempt(book, 'resolve', () =>
      switchover.resolve({ projectId, instanceId }, resolution, { timeoutMs: 30_000 }),
    );
  }
}
