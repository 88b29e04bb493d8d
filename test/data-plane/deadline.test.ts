import { once } from 'node:events';
import net from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { startDeadline } from '../../src/data-plane/deadline.js';

import { LOOPBACK, startServer, stopAll } from './support.js';

afterEach(stopAll);

describe('a deadline', () => {
  it('reads what has arrived in a stall of the process before it is over', async () => {
    const port = await startServer((socket) => void socket.on('data', () => socket.write('pong')));
    const socket = net.connect(port, LOOPBACK);
    await once(socket, 'connect');
    const seen: string[] = [];
    const answered = once(socket, 'data').then(() => seen.push('answer'));
    socket.write('ping');
    // Server and client are this process: one turn carries the question, and the answer waits in the kernel.
    await new Promise((resolve) => setImmediate(resolve));
    const over = new Promise<void>((resolve) => {
      startDeadline(10, () => {
        seen.push('over');
        resolve();
      });
    });
    const untilMs = performance.now() + 100;
    while (performance.now() < untilMs);
    await Promise.all([over, answered]);
    socket.destroy();
    expect(seen).toEqual(['answer', 'over']);
  });

  it('is over once, and never after it was cancelled, not even between its two looks', async () => {
    let over = 0;
    const count = (): void => {
      over += 1;
    };
    startDeadline(1, count);
    const cancelled = startDeadline(1, count);
    setTimeout(() => {
      setImmediate(cancelled.cancel);
    }, 1);
    startDeadline(1, count).cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([1, 2]).toContain(over);
  });
});
