/** RESP 2, as far as the few commands of this room need it: binary safe, and of bounded size. */
import { DataPlaneFailure } from './failure.js';

/** A part of a command; text leaves as UTF-8. */
export type Word = string | Buffer;

/** A status, an integer, or bytes; `null`: Redis has no value. */
export type Reply =
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'error'; readonly text: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'bytes'; readonly bytes: Buffer | null };

/** A bitmap of a day at 20 ms has 540 KB, and `INFO` 5 KB. */
const MAX_REPLY_BYTES = 1_048_576;
/** Statuses, errors and lengths stand on one line. */
const MAX_LINE_BYTES = 4_096;

const LINE_END = Buffer.from('\r\n');

/** A command as it leaves. */
export function encodeCommand(words: readonly Word[]): Buffer {
  const parts = words.map((word) => Buffer.from(word as string));
  return Buffer.concat([
    Buffer.from(`*${parts.length}\r\n`),
    ...parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, LINE_END]),
  ]);
}

/**
 * The reply at the start of what was received; `null` while it is not there as a whole. Only one command is in flight,
 * so nothing may follow it.
 *
 * @throws DataPlaneFailure `protocol`: what answers is no Redis, or answers without end
 */
export function parseReply(received: Buffer): Reply | null {
  const type = received.toString('latin1', 0, 1);
  if (!'+-:$'.includes(type)) throw noRedis();
  const lineEnd = received.indexOf(LINE_END);
  if (Math.max(lineEnd, lineEnd === -1 ? received.length : 0) > MAX_LINE_BYTES) throw noRedis();
  if (lineEnd === -1) return null;
  const line = received.toString('utf8', 1, lineEnd);
  const next = lineEnd + LINE_END.length;
  if (type === '$') return parseBytes(received, toInteger(line), next);
  if (type === ':') return whole(received, next, { type: 'integer', value: toInteger(line) });
  return whole(received, next, { type: type === '+' ? 'status' : 'error', text: line });
}

function parseBytes(received: Buffer, length: number, start: number): Reply | null {
  if (length === -1) return whole(received, start, { type: 'bytes', bytes: null });
  if (length < 0 || length > MAX_REPLY_BYTES) throw noRedis();
  const end = start + length;
  const next = end + LINE_END.length;
  if (received.length < next) return null;
  if (!received.subarray(end, next).equals(LINE_END)) throw noRedis();
  const bytes = Buffer.from(received.subarray(start, end));
  return whole(received, next, { type: 'bytes', bytes });
}

function whole(received: Buffer, end: number, reply: Reply): Reply {
  if (received.length > end) throw noRedis();
  return reply;
}

function toInteger(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw noRedis();
  return Number(text);
}

function noRedis(): DataPlaneFailure {
  return new DataPlaneFailure('What answers at the address is no Redis', 'protocol');
}
