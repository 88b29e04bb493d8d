import { afterEach, describe, expect, it } from '@jest/globals';

import { eventually, get, pathsOf, put, start, stopAll } from './support.js';

afterEach(stopAll);

const MINUTE_MS = 60_000;

const secondsAhead = (text: string | undefined): number =>
  Math.round((Date.parse(String(text)) - Date.now()) / 60_000);

describe('a service whose clock is wrong', () => {
  it.each([16, -16])('by %d minutes refuses what is signed now, and says its time', async (min) => {
    const simulator = await start({ clockOffsetMs: min * MINUTE_MS });
    const reply = await get(simulator, pathsOf(simulator).instance);
    expect([reply.status, reply.json.error_code]).toEqual([401, 'APIGW.0303']);
    expect(secondsAhead(reply.headers.date)).toBe(min);
    const date = new Date(Date.now() + min * MINUTE_MS);
    expect((await get(simulator, pathsOf(simulator).instance, { date })).status).toBe(200);
  });

  it('dates tasks and jobs by that clock, and the ledger by ours', async () => {
    const simulator = await start({ clockOffsetMs: 10 * MINUTE_MS });
    const { swap, tasks, job } = pathsOf(simulator);
    const jobId = (await put(simulator, swap)).json.job_id;
    await eventually(async () => (await get(simulator, job(jobId))).json.status === 'SUCCESS');
    const { json } = await get(simulator, job(jobId));
    const [row] = (await get(simulator, tasks)).json.tasks;
    const times = [Number(json.begin_time), Number(json.end_time)].map((ms) =>
      new Date(ms).toISOString(),
    );
    expect([...times, row?.created_at, row?.updated_at].map(secondsAhead)).toEqual([
      10, 10, 10, 10,
    ]);
    expect(Math.abs(Date.now() - (simulator.ledger.swaps[0]?.at ?? 0))).toBeLessThan(MINUTE_MS);
  });

  it('can be put right while it runs', async () => {
    const simulator = await start({ clockOffsetMs: 16 * MINUTE_MS });
    simulator.setClockOffset(0);
    expect((await get(simulator, pathsOf(simulator).instance)).status).toBe(200);
  });

  it('answers with a scripted Date all the same, once', async () => {
    const simulator = await start({ clockOffsetMs: 16 * MINUTE_MS });
    const date = 'Tue, 15 Nov 1994 08:12:31 GMT';
    simulator.faults.add({ route: 'showInstance', headers: { date } });
    expect((await get(simulator, pathsOf(simulator).instance)).headers.date).toBe(date);
  });
});
