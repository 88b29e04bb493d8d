import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import {
  decodeFailure,
  encodeErrorToFailure,
} from '@temporalio/common/lib/internal-non-workflow/codec-helpers';

import { CodecError, guardCodecs, probeCodec } from '../../src/temporal/data-converter.js';
import { failureConverter } from '../../src/temporal/failure-converter.js';
import { CODEC_TIMEOUT_MS } from '../../src/temporal/remote-codec.js';

afterEach(() => {
  jest.useRealTimers();
});

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

const flip: PayloadCodec['encode'] = (payloads) =>
  Promise.resolve(
    payloads.map(({ metadata, data }) => ({
      ...(metadata === undefined ? {} : { metadata }),
      data: Uint8Array.from(data ?? [], (byte) => byte ^ 0xff),
    })),
  );
const FLIPPING: PayloadCodec = { encode: flip, decode: flip };

const fail = (): Promise<never> => Promise.reject(new SyntaxError('canary is not valid JSON'));
const FAILING: PayloadCodec = { encode: fail, decode: fail };

const error = () => ApplicationFailure.create({ message: 'canary', cause: new Error('canary') });

describe('a guarded codec', () => {
  test('shows which codec failed and how, never what the codec said', async () => {
    const codec = guardCodecs([FAILING], 'The codec of a test');
    const thrown = await codec.decode([payload('x')]).catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(CodecError);
    expect((thrown as Error).message).toMatch(/^The codec of a test fails with SyntaxError/);
    expect((thrown as Error).message).not.toContain('canary');
  });

  test('gives up a codec that does not answer', async () => {
    jest.useFakeTimers();
    const silent: PayloadCodec['encode'] = () => new Promise(() => undefined);
    const codec = guardCodecs([{ encode: silent, decode: silent }], 'The codec');
    const call = codec.encode([payload('x')]).catch((caught: unknown) => caught);
    jest.advanceTimersByTime(CODEC_TIMEOUT_MS);
    expect(await call).toMatchObject({ kind: 'no-answer' });
  });

  test('decodes in the opposite order', async () => {
    const tag = (name: string): PayloadCodec => ({
      encode: (all) =>
        Promise.resolve(all.map((p) => ({ ...p, data: Buffer.from(`${String(p.data)}${name}`) }))),
      decode: (all) =>
        Promise.resolve(
          all.map((p) => {
            expect(String(p.data).endsWith(name)).toBe(true);
            return { ...p, data: Buffer.from(String(p.data).slice(0, -1)) };
          }),
        ),
    });
    const codec = guardCodecs([tag('a'), tag('b')], 'The codec');
    const [encoded] = await codec.encode([{ data: Buffer.from('x') }]);
    expect(String(encoded?.data)).toBe('xab');
    const [decoded] = await codec.decode([encoded ?? {}]);
    expect(String(decoded?.data)).toBe('x');
  });
});

describe('the text of a failure', () => {
  const converterWith = (codec: PayloadCodec) => ({
    payloadConverter: defaultPayloadConverter,
    failureConverter,
    payloadCodecs: [guardCodecs([codec], 'The codec')],
  });

  test('is encoded with the cause, and comes back', async () => {
    const converter = converterWith(FLIPPING);
    const failure = await encodeErrorToFailure(converter, error());
    expect(failure).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
    expect(failure.cause).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
    const back = failureConverter.failureToError(
      await decodeFailure(converter.payloadCodecs, failure),
      defaultPayloadConverter,
    );
    expect(back.message).toBe('canary');
  });

  test('is replaced by a constant when the codec fails, for the worker would end', async () => {
    const converter = converterWith(FAILING);
    const failure = await encodeErrorToFailure(converter, error());
    expect(JSON.stringify(failure)).not.toContain(Buffer.from('canary').toString('base64'));
    const back = failureConverter.failureToError(
      await decodeFailure(converter.payloadCodecs, failure),
      defaultPayloadConverter,
    );
    expect(back.message).toMatch(/not reported: the codec failed/);
  });

  test('keeps the words that show that an activity was never called, and nothing behind them', async () => {
    const said = 'Failed to parse activity args for activity requestSwap: canary';
    const failure = await encodeErrorToFailure(converterWith(FAILING), new Error(said));
    const back = failureConverter.failureToError(
      await decodeFailure(converterWith(FAILING).payloadCodecs, failure),
      defaultPayloadConverter,
    );
    expect(back.message).toMatch(/^Failed to parse activity args for activity requestSwap: not re/);
    expect(back.message).not.toContain('canary');
  });

  test('is the only thing that is replaced: data is never lost in silence', async () => {
    const details = ApplicationFailure.create({ message: 'm', details: ['data'] });
    await expect(encodeErrorToFailure(converterWith(FAILING), details)).rejects.toThrow(CodecError);
  });
});

describe('probeCodec', () => {
  test('accepts a codec that gives back what it was given', async () => {
    await expect(probeCodec({ payloadCodecs: [FLIPPING] }, 'ops')).resolves.toBeUndefined();
  });

  test('refuses one that does not', async () => {
    const lossy: PayloadCodec = { ...FLIPPING, decode: () => Promise.resolve([payload('other')]) };
    await expect(probeCodec({ payloadCodecs: [lossy] }, 'ops')).rejects.toThrow(/something other/);
  });
});
