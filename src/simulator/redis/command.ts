import { connect } from 'node:net';

/** Everything runs on this machine, for this machine. */
export const LOOPBACK = '127.0.0.1';

/** A local Redis that needs longer than this for a connection or an answer is not well, however loaded the machine is. */
const COMMAND_TIMEOUT_MS = 20_000;

/** A reply, and where the next one starts. */
interface Parsed {
  readonly value: unknown;
  readonly next: number;
}

/** An error that Redis itself answered with; every other failure of a command leaves open what became of it. */
export class RedisRefusal extends Error {
  override name = 'RedisRefusal';
}

/** A user and a password. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** Sends one command as {@link redisCommandAs} does, without a login. */
export function redisCommand(port: number, ...command: string[]): Promise<unknown> {
  return redisCommandAs(null, port, ...command);
}

/**
 * Sends one command in RESP2, whose few replies need no client, over a connection of its own: commands are
 * rare here, and a kept connection would have to survive role changes.
 *
 * @param login who sends it; `null`: the default user, who needs no password
 * @returns strings, numbers, `null`, and arrays of them
 * @throws RedisRefusal when the server answers with an error
 * @throws Error when no answer comes: what the command did is not known then
 */
export function redisCommandAs(
  login: Login | null,
  port: number,
  ...command: string[]
): Promise<unknown> {
  const commands = [...(login === null ? [] : [['AUTH', login.name, login.password]]), command];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: LOOPBACK, port, timeout: COMMAND_TIMEOUT_MS });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    let received = '';
    // One character a byte, for lengths are of bytes.
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += String(chunk);
      try {
        const reply = parseReplies(received, commands.length);
        if (reply === null) return;
        socket.destroy();
        resolve(reply.value);
      } catch (error) {
        fail(error as Error);
      }
    });
    socket.on('error', fail);
    socket.once('timeout', () => {
      fail(new Error(`Redis on port ${port} did not answer in ${COMMAND_TIMEOUT_MS / 1000} s.`));
    });
    socket.once('close', () => {
      reject(new Error(`Redis on port ${port} closed the connection without an answer.`));
    });
    socket.write(commands.map(serialize).join(''));
  });
}

/** The last of so many replies. */
function parseReplies(data: string, count: number): Parsed | null {
  let reply: Parsed | null = { value: null, next: 0 };
  for (let nth = 0; nth < count && reply !== null; nth += 1) reply = parseReply(data, reply.next);
  return reply;
}

/** A command as it is sent: an array of texts. */
export function serialize(command: readonly string[]): string {
  const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${words.join('')}`;
}

/**
 * The reply that starts at `start`; `null` while it is not there as a whole.
 *
 * @throws RedisRefusal an error of the server, in its own words
 */
export function parseReply(data: string, start = 0): Parsed | null {
  const lineEnd = data.indexOf('\r\n', start);
  if (lineEnd === -1) return null;
  const line = decode(data.slice(start + 1, lineEnd));
  const next = lineEnd + 2;
  switch (data.charAt(start)) {
    case '+':
      return { value: line, next };
    case ':':
      return { value: Number(line), next };
    case '$':
      return parseText(data, Number(line), next);
    case '*':
      return parseArray(data, Number(line), next);
    case '-':
      throw new RedisRefusal(line);
    default:
      throw new Error('What answered is no Redis.');
  }
}

/** A text of so many bytes and a line break; `-1` is no text. */
function parseText(data: string, byteCount: number, start: number): Parsed | null {
  if (byteCount < 0) return { value: null, next: start };
  const end = start + byteCount;
  if (data.length < end + 2) return null;
  return { value: decode(data.slice(start, end)), next: end + 2 };
}

function parseArray(data: string, count: number, start: number): Parsed | null {
  if (count < 0) return { value: null, next: start };
  const values: unknown[] = [];
  let next = start;
  while (values.length < count) {
    const element = parseReply(data, next);
    if (element === null) return null;
    values.push(element.value);
    next = element.next;
  }
  return { value: values, next };
}

function decode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
