import type { IncomingMessage } from 'node:http';

import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

import { createDirectPost } from '../direct-request.js';
import type { DirectPost } from '../direct-request.js';

import type { RemoteCodecSettings } from '../data-converter/codec-endpoint.js';
import { CodecError } from './errors.js';
import type { CodecOperation } from './errors.js';
import { CODEC_TIMEOUT_MS } from '../data-converter/guarded-codec.js';
import { parsePayloadsJson, toPayloadsJson } from '../data-converter/proto-json.js';

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
    const base = endpoint.replace('{namespace}', encodeURIComponent(owner)).replace(/\/+$/, '');
    const request: DirectPost = {
      signal: AbortSignal.timeout(CODEC_TIMEOUT_MS),
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

interface Answer {
  readonly status: number;
  readonly isOk: boolean;
  readonly text: string;
}

async function ask(send: Send, signal: AbortSignal, fail: Fail): Promise<Answer> {
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
