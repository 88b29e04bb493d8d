/** Credentials that end: kept, renewed in time, never asked for in a loop. The clock is a variable. */
import { beforeEach, describe, expect, it } from '@jest/globals';

import { cachedCredentials } from '../../../src/dcs/credentials/source.js';
import { DcsCredentialsError } from '../../../src/dcs/index.js';
import type { CredentialSource } from '../../../src/dcs/index.js';
import { rejectionOf } from '../support.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let nowMs = 0;
let issued = 0;
let lifetimeMs = 24 * HOUR_MS;
let failure: Error | null = null;
/** What holds an issue back, if anything. */
let gate: Promise<void> = Promise.resolve();

beforeEach(() => {
  nowMs = 1_000_000;
  issued = 0;
  lifetimeMs = 24 * HOUR_MS;
  failure = null;
  gate = Promise.resolve();
});

const create = (): CredentialSource =>
  cachedCredentials({
    description: 'test',
    nowMs: () => nowMs,
    issue: async () => {
      issued += 1;
      const token = `token-${issued}`;
      await gate;
      if (failure !== null) throw failure;
      return { credentials: { kind: 'token', token }, lifetimeMs };
    },
  });

const tokenOf = async (source: CredentialSource): Promise<string> => {
  const credentials = await source.get();
  return credentials.kind === 'token' ? credentials.token : 'no token';
};

/** Lets what runs in the background come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a credential is', () => {
  it('asked for once by many at the same time', async () => {
    const source = create();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => tokenOf(source)));
    expect(new Set(tokens)).toStrictEqual(new Set(['token-1']));
    expect(issued).toBe(1);
  });

  it('not asked for before anyone needs it', async () => {
    create();
    await settle();
    expect(issued).toBe(0);
  });

  it.each([
    ['40 min before its end', 24 * HOUR_MS, 24 * HOUR_MS - 40 * MINUTE_MS],
    ['at half of a short life', 30 * MINUTE_MS, 15 * MINUTE_MS],
  ])('renewed %s, in the background', async (_, life, renewAtMs) => {
    lifetimeMs = life;
    const source = create();
    await tokenOf(source);
    nowMs += renewAtMs - 1;
    expect(await tokenOf(source)).toBe('token-1');
    await settle();
    expect(issued).toBe(1);
    nowMs += 1;
    // No one waits for the renewal.
    expect(await tokenOf(source)).toBe('token-1');
    await settle();
    expect(await tokenOf(source)).toBe('token-2');
    expect(issued).toBe(2);
  });

  it('waited for when the old one has ended', async () => {
    const source = create();
    await tokenOf(source);
    nowMs += 24 * HOUR_MS - MINUTE_MS;
    expect(await tokenOf(source)).toBe('token-2');
  });
});

describe('while a renewal fails', () => {
  it('the old one serves until its end, and not beyond', async () => {
    const source = create();
    await tokenOf(source);
    failure = new DcsCredentialsError('IAM did not answer.');
    nowMs += 23.5 * HOUR_MS;
    expect(await tokenOf(source)).toBe('token-1');
    await settle();
    expect(await tokenOf(source)).toBe('token-1');
    expect(issued).toBe(2);
    nowMs += HOUR_MS;
    expect(await rejectionOf(source.get())).toMatchObject({ message: 'IAM did not answer.' });
  });

  it('the authority is asked again after pauses that grow to 5 min', async () => {
    failure = new DcsCredentialsError('IAM refused.');
    const source = create();
    const askedAtMs: number[] = [];
    const startedAtMs = nowMs;
    for (; nowMs < startedAtMs + 20 * MINUTE_MS; nowMs += 1_000) {
      const before = issued;
      await rejectionOf(source.get());
      if (issued > before) askedAtMs.push(nowMs - startedAtMs);
    }
    expect(askedAtMs.map((ms) => ms / 1_000)).toStrictEqual([0, 10, 30, 70, 150, 310, 610, 910]);
  });

  it('a caller in a pause learns why, and until when', async () => {
    failure = new DcsCredentialsError('IAM refused (401).');
    const source = create();
    await rejectionOf(source.get());
    nowMs += 1_000;
    const error = await rejectionOf(source.get());
    expect(error).toBeInstanceOf(DcsCredentialsError);
    expect((error as Error).message).toBe('IAM refused (401). Asked again in 9 s at the earliest.');
  });

  it('a clock that is set back does not prolong the pause', async () => {
    failure = new DcsCredentialsError('IAM refused.');
    const source = create();
    await rejectionOf(source.get());
    failure = null;
    nowMs -= HOUR_MS;
    expect(await tokenOf(source)).toBe('token-2');
  });

  it('a success ends the pauses', async () => {
    failure = new DcsCredentialsError('IAM refused.');
    const source = create();
    await rejectionOf(source.get());
    failure = null;
    nowMs += 10_000;
    expect(await tokenOf(source)).toBe('token-2');
  });

  it('what is not an error of ours is not quoted', async () => {
    failure = new Error('secret');
    const error = await rejectionOf(create().get());
    expect(error).toBeInstanceOf(DcsCredentialsError);
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('a credential that the service refused is', () => {
  it('replaced at the next use', async () => {
    const source = create();
    await tokenOf(source);
    await source.refresh();
    expect(issued).toBe(1);
    expect(await tokenOf(source)).toBe('token-2');
  });

  it('not replaced over and over: a new one that is refused is not too old', async () => {
    const source = create();
    await tokenOf(source);
    for (let refusals = 0; refusals < 100; refusals += 1) {
      nowMs += 100;
      await source.refresh();
      await tokenOf(source);
    }
    expect(issued).toBe(2);
    nowMs += MINUTE_MS;
    await source.refresh();
    expect(await tokenOf(source)).toBe('token-3');
  });

  it('replaced also when the clock was set back since the last one', async () => {
    const source = create();
    await tokenOf(source);
    await source.refresh();
    await tokenOf(source);
    nowMs -= HOUR_MS;
    await source.refresh();
    expect(await tokenOf(source)).toBe('token-3');
  });

  it('not used any more when no other one can be had', async () => {
    const source = create();
    await tokenOf(source);
    nowMs += MINUTE_MS;
    failure = new DcsCredentialsError('IAM did not answer.');
    await source.refresh();
    expect(await rejectionOf(source.get())).toBeInstanceOf(DcsCredentialsError);
    expect(await rejectionOf(source.get())).toBeInstanceOf(DcsCredentialsError);
    expect(issued).toBe(2);
  });

  it('the same for all who wait for its successor', async () => {
    const source = create();
    await tokenOf(source);
    nowMs += MINUTE_MS;
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    await source.refresh();
    const waiting = [tokenOf(source), tokenOf(source), tokenOf(source)];
    await source.refresh();
    open();
    expect(await Promise.all(waiting)).toStrictEqual(['token-2', 'token-2', 'token-2']);
    expect(await tokenOf(source)).toBe('token-2');
    expect(issued).toBe(2);
  });
});
