/** Replies of Redis as the simulator reads them; how real ones answer is seen in redis.test.ts. */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { parseReply, redisCommand } from '../../src/simulator/redis/command.js';

type Reply = string | number | null | Reply[];

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

function serialize(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${bytesOf(reply).length}\r\n${bytesOf(reply)}\r\n`;
  return `*${reply.length}\r\n${reply.map(serialize).join('')}`;
}

const { reply: replies } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
}));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A port that answers every command with `answer` and hangs up. */
async function answering(answer: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a reply', () => {
  it('is read as it was written, and is not read before all of it is there', () => {
    fc.assert(
      fc.property(replies, fc.nat(), (reply, cut) => {
        const bytes = serialize(reply);
        expect(parseReply(bytes)).toEqual({ value: reply, next: bytes.length });
        expect(parseReply(bytes.slice(0, cut % bytes.length))).toBeNull();
      }),
    );
  });
});

describe('a command', () => {
  it.each([
    ['an error of the server', '-ERR no such thing\r\n', /^ERR no such thing$/],
    ['an answer that is no reply', 'HTTP/1.1 400 Bad Request\r\n', /is no Redis/],
    ['half an answer', '$5\r\nhal', /closed the connection without an answer/],
  ])('fails by %s, in words that say so', async (_, answer, words) => {
    await expect(redisCommand(await answering(answer), 'PING')).rejects.toThrow(words);
  });
});
