import type { IncomingMessage } from 'node:http';

import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

import { createDirectPost } from '../direct-request.js';
import type { DirectPost } from '../direct-request.js';
import { isRecord, timeoutSignal } from '../util.js';

import { CodecError, DataConverterError } from './errors.js';
import type { CodecOperation } from './errors.js';

// Payloads in the JSON form of their protobuf message, as the codec servers of all SDKs speak it.

/** The body of a request to a codec server. */
function toPayloadsJson(payloads: readonly Payload[]): string {
  return JSON.stringify({ payloads: payloads.map(toJson) });
}

function toJson({ metadata, data }: Payload): object {
  const entries = Object.entries(metadata ?? {});
  return {
    metadata: Object.fromEntries(entries.map(([key, value]) => [key, toBase64(value)])),
    ...(data === undefined || data === null ? {} : { data: toBase64(data) }),
  };
}

/**
 * Reads the body of a codec server's answer.
 *
 * @throws TypeError, without any of the text, when it is something else
 */
function parsePayloadsJson(text: string): Payload[] {
  const body = parse(text);
  if (!isRecord(body) || !Array.isArray(body['payloads'])) throw new TypeError('not payloads');
  return body['payloads'].map(fromJson);
}

function fromJson(value: unknown): Payload {
  if (!isRecord(value)) throw new TypeError('not a payload');
  const { metadata = {}, data } = value;
  if (!isRecord(metadata)) throw new TypeError('not metadata');
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([key, field]) => [key, fromBase64(field)]),
    ),
    // An empty field is left out in this form; the SDK expects it.
    data: data === undefined || data === null ? new Uint8Array() : fromBase64(data),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new TypeError('not JSON');
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The form allows both alphabets. */
function fromBase64(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value))
    throw new TypeError('not base64');
  return new Uint8Array(Buffer.from(value, 'base64'));
}

/**
 * Longest time one call of a codec may take, in milliseconds. The swap activity decodes its argument
 * before it begins: with 15 s of reads, 3 s of send window and 15 s of PUT this must stay below its
 * timeout of 40 s, so that the workflow never counts it as lost while its PUT is under way.
 */
export const CODEC_TIMEOUT_MS = 5_000;

/** Largest answer that is read, in bytes; a payload of Temporal has at most 2 MiB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Encoding is without effects, so a connection that the server has just closed may be tried again. */
const MAX_ATTEMPTS = 2;

/**
 * A codec that runs behind HTTP: `POST {endpoint}/encode` and `/decode`. Follows no redirect, uses no
 * proxy; 5 s for a call with all attempts.
 */
export function createRemoteCodec(
  { endpoint, auth }: RemoteCodecSettings,
  namespace: string,
): PayloadCodec {
  const description = describeRemoteCodec(endpoint);
  const post = createDirectPost();
  const call = async (
    operation: CodecOperation,
    payloads: Payload[],
    context: SerializationContext | undefined,
  ): Promise<Payload[]> => {
    if (payloads.length === 0) return payloads;
    const owner = context?.namespace ?? namespace;
    const base = endpoint
      .replace('{namespace}', encodeURIComponent(owner))
      .replace(/(?<!\/)\/+$/, '');
    const request: DirectPost = {
      signal: timeoutSignal(CODEC_TIMEOUT_MS),
      headers: {
        'Content-Type': 'application/json',
        'X-Namespace': owner,
        ...(auth === null ? {} : { Authorization: auth }),
      },
      body: toPayloadsJson(payloads),
    };
    const url = `${base}/${operation}`;
    return exchange(
      () => post(url, request),
      request.signal,
      (kind, problem) => {
        throw new CodecError(description, operation, kind, problem);
      },
    );
  };
  return {
    encode: (payloads, context) => call('encode', payloads, context),
    decode: (payloads, context) => call('decode', payloads, context),
  };
}

/** The codec server by its origin, for messages. */
export function describeRemoteCodec(endpoint: string): string {
  return `The codec server at ${new URL(endpoint).origin}`;
}

type Fail = (kind: CodecError['kind'], problem: string) => never;

type Send = () => Promise<IncomingMessage>;

async function exchange(send: Send, signal: AbortSignal, fail: Fail): Promise<Payload[]> {
  const answer = await ask(send, signal, fail);
  if (answer.status === 401 || answer.status === 403)
    return fail('denied', `refuses this client with HTTP ${answer.status}`);
  if (!answer.isOk) return fail('failed', `answers with HTTP ${answer.status}`);
  try {
    return parsePayloadsJson(answer.text);
  } catch {
    return fail('failed', 'answers with something other than payloads');
  }
}

interface CodecAnswer {
  readonly status: number;
  readonly isOk: boolean;
  readonly text: string;
}

async function ask(send: Send, signal: AbortSignal, fail: Fail): Promise<CodecAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await send();
      const { statusCode: status = 0 } = response;
      const isOk = status >= 200 && status < 300;
      return { status, isOk, text: await readCapped(response) };
    } catch (error) {
      if (error instanceof AnswerTooLargeError)
        return fail('failed', `answers with more than ${MAX_ANSWER_BYTES} bytes`);
      if (signal.aborted)
        return fail('no-answer', `does not answer within ${CODEC_TIMEOUT_MS / 1000} s`);
      if (attempt === MAX_ATTEMPTS) return fail('no-answer', 'does not answer');
    }
  }
}

class AnswerTooLargeError extends Error {}

async function readCapped(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new AnswerTooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Where a codec server is. Holds a secret: never log it. */
export interface RemoteCodecSettings {
  /** Base URL; `{namespace}` in it stands for the namespace. */
  readonly endpoint: string;
  /** Value of the header `Authorization`, as it is; `null` for none. */
  readonly auth: string | null;
}

const LOOPBACK_HOSTS = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** What an HTTP header may hold. */
const HEADER_VALUE = /^[\t\x20-\x7e]+$/;

/**
 * Checks that keys and payloads go nowhere but to the server that was meant: https, or http on this
 * machine; no user, query or fragment in the URL.
 *
 * @throws DataConverterError, without the URL or the value of the header
 */
export function checkRemoteCodec({ endpoint, auth }: RemoteCodecSettings): void {
  const url = parseEndpoint(endpoint);
  if (url === null || !isPrivate(url) || hasExtras(url))
    throw new DataConverterError(
      'TEMPORAL_CODEC_ENDPOINT',
      'is not an address of a codec server',
      'Write https://host/path (http only on this machine), without user, query or fragment; a credential belongs in TEMPORAL_CODEC_AUTH.',
    );
  if (auth !== null && !HEADER_VALUE.test(auth))
    throw new DataConverterError(
      'TEMPORAL_CODEC_AUTH',
      'cannot be the value of an HTTP header',
      'Write the whole value, such as "Bearer …", on one line.',
    );
}

function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.test(hostname));
}

function hasExtras({ username, password, search, hash }: URL): boolean {
  return [username, password, search, hash].some((part) => part !== '');
}

function parseEndpoint(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
