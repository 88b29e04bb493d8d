import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';

import { defaultPayloadConverter, ValueError } from '@temporalio/common';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';

import { isRecord } from '../util.js';

import { CodecError, DataConverterError } from './errors.js';
import type { CodecOperation } from './errors.js';
import { isFailureText, isWithheldFailureText, withholdFailureText } from './failure-converter.js';
import {
  checkRemoteCodec,
  CODEC_TIMEOUT_MS,
  createRemoteCodec,
  describeRemoteCodec,
} from './remote-codec.js';
import type { RemoteCodecSettings } from './remote-codec.js';

export { CodecError, DataConverterError, PayloadsEncodedError } from './errors.js';
export type { RemoteCodecSettings } from './remote-codec.js';

/** The variable that names the module. */
const MODULE_VARIABLE = 'DCS_SWITCHOVER_DATA_CONVERTER';

const REMEDY =
  'It needs a named export `dataConverter` with `payloadCodecs`; see docs/encryption.md.';

/**
 * Loads the codecs of a user's module, CommonJS or ESM.
 *
 * @param name absolute path, path relative to the working folder (`./…`), or the name of a package
 * installed there
 * @throws DataConverterError saying what is wrong with it
 */
function loadCodecModule(name: string): readonly PayloadCodec[] {
  const module = load(name);
  const converter = isRecord(module) ? module['dataConverter'] : undefined;
  if (!isRecord(converter)) throw complaint(`names a module without \`dataConverter\``);
  const { payloadCodecs, ...others } = converter;
  const [other] = Object.keys(others).filter((key) => others[key] !== undefined);
  // Converters run in the workflow's sandbox, so they would have to be in the prebuilt bundle.
  if (other !== undefined) throw complaint(`sets \`${other}\`, which is not supported`);
  if (!Array.isArray(payloadCodecs) || payloadCodecs.length === 0 || !payloadCodecs.every(isCodec))
    throw complaint('has no `payloadCodecs` with the functions `encode` and `decode`');
  return payloadCodecs;
}

function load(name: string): unknown {
  try {
    return createRequire(path.join(process.cwd(), 'package.json'))(name) as unknown;
  } catch (error) {
    const { code, name: kind } = error as NodeJS.ErrnoException;
    throw complaint(
      code === 'MODULE_NOT_FOUND'
        ? `names a module that cannot be found (${name})`
        : `names a module that cannot be loaded (${name}: ${code ?? kind})`,
    );
  }
}

function complaint(problem: string): DataConverterError {
  return new DataConverterError(MODULE_VARIABLE, problem, REMEDY);
}

function isCodec(value: unknown): value is PayloadCodec {
  return (
    isRecord(value) &&
    typeof value['encode'] === 'function' &&
    typeof value['decode'] === 'function'
  );
}

/**
 * Makes codecs one whose calls are bounded and whose errors are ours, and which never fails on the
 * text of a failure (see {@link isFailureText}).
 *
 * @param description for messages, such as `The codec of DCS_SWITCHOVER_DATA_CONVERTER`
 */
export function guardCodecs(codecs: readonly PayloadCodec[], description: string): PayloadCodec {
  const guard = (
    operation: CodecOperation,
    payloads: Payload[],
    call: () => Promise<Payload[]>,
  ): Promise<Payload[]> => bounded(description, operation, payloads.length, call);
  return {
    encode: async (payloads, context) => {
      try {
        return await guard('encode', payloads, () =>
          pipe(codecs, payloads, (codec, input) => codec.encode(input, context)),
        );
      } catch (error) {
        if (payloads.length === 0 || !payloads.every(isFailureText)) throw error;
        return payloads.map(withholdFailureText);
      }
    },
    decode: async (payloads, context) => {
      if (payloads.every(isWithheldFailureText)) return payloads;
      return guard('decode', payloads, () =>
        pipe(codecs.toReversed(), payloads, (codec, input) => codec.decode(input, context)),
      );
    },
  };
}

async function pipe(
  codecs: readonly PayloadCodec[],
  payloads: Payload[],
  step: (codec: PayloadCodec, payloads: Payload[]) => Promise<Payload[]>,
): Promise<Payload[]> {
  let output = payloads;
  for (const codec of codecs) output = await step(codec, output);
  return output;
}

async function bounded(
  description: string,
  operation: CodecOperation,
  count: number,
  call: () => Promise<Payload[]>,
): Promise<Payload[]> {
  const fail = (kind: 'no-answer' | 'failed', problem: string): CodecError =>
    new CodecError(description, operation, kind, problem);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(fail('no-answer', `does not answer within ${CODEC_TIMEOUT_MS / 1000} s`));
    }, CODEC_TIMEOUT_MS);
  });
  try {
    const output: unknown = await Promise.race([call(), tooLate]);
    if (!Array.isArray(output) || output.length !== count)
      throw fail('failed', 'does not give one payload for each');
    return output as Payload[];
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw fail('failed', `fails with ${error instanceof Error ? error.name : typeof error}`);
  } finally {
    clearTimeout(timer);
  }
}

/** What the configuration of Temporal says of a codec; `TemporalConfig` has it. */
export interface CodecSource {
  readonly namespace: string;
  /** `TEMPORAL_CODEC_*`, or the table `codec` of the profile file. */
  readonly codec: RemoteCodecSettings | null;
}

/** A data converter, and where its codec comes from. */
export interface ConfiguredDataConverter {
  readonly dataConverter: DataConverter;
  /** For logs; no secret. */
  readonly codec: 'module' | 'server';
}

/**
 * The codec that worker, client and command share: a module (`DCS_SWITCHOVER_DATA_CONVERTER`) or a
 * codec server (`TEMPORAL_CODEC_ENDPOINT`). Opens no connection. With a codec, messages and stack
 * traces of failures are encoded too, and the worker needs the bundle that does so.
 *
 * @returns `undefined` without either: payloads stay readable
 * @throws DataConverterError naming the variable; both when both are set
 */
export function loadDataConverter(
  env: NodeJS.ProcessEnv,
  { namespace, codec: remote }: CodecSource,
): ConfiguredDataConverter | undefined {
  const module = env[MODULE_VARIABLE] ?? '';
  if (module !== '' && remote !== null)
    throw new DataConverterError(
      `${MODULE_VARIABLE} and TEMPORAL_CODEC_ENDPOINT`,
      'are both set, here or in the Temporal profile file',
      'Keep the one that your workers use.',
    );
  if (remote !== null) {
    checkRemoteCodec(remote);
    const codec = createRemoteCodec(remote, namespace);
    return configured('server', [codec], describeRemoteCodec(remote.endpoint));
  }
  if (module === '') return undefined;
  return configured('module', loadCodecModule(module), `The codec of ${MODULE_VARIABLE}`);
}

function configured(
  codec: ConfiguredDataConverter['codec'],
  codecs: readonly PayloadCodec[],
  description: string,
): ConfiguredDataConverter {
  return {
    codec,
    dataConverter: {
      payloadCodecs: [guardCodecs(codecs, description)],
      failureConverterPath: path.join(__dirname, 'failure-converter'),
    },
  };
}

/**
 * Encodes and decodes a text of no meaning, so that a worker with a broken codec does not start.
 *
 * @throws CodecError
 */
export async function probeCodec(
  { payloadCodecs = [] }: DataConverter,
  namespace: string,
): Promise<void> {
  const context = { type: 'workflow', namespace, workflowId: 'dcs-switchover:probe' } as const;
  const text = randomUUID();
  for (const codec of payloadCodecs) {
    const encoded = await codec.encode([defaultPayloadConverter.toPayload(text)], context);
    const [decoded] = await codec.decode(encoded, context);
    const isSame =
      decoded !== undefined && defaultPayloadConverter.fromPayload<unknown>(decoded) === text;
    if (!isSame)
      throw new CodecError(
        'The configured codec',
        'decode',
        'failed',
        'gives back something other than it was given',
      );
  }
}

/** Whether the SDK says of a payload that it is in no form which its converters know. */
export function isUnknownEncoding(error: unknown): boolean {
  return error instanceof ValueError && error.message.startsWith('Unknown encoding');
}
