import path from 'node:path';

import type { DataConverter, PayloadCodec } from '@temporalio/common';

import { checkRemoteCodec } from '../data-converter/codec-endpoint.js';
import type { RemoteCodecSettings } from '../data-converter/codec-endpoint.js';
import { MODULE_VARIABLE, loadCodecModule } from '../data-converter/codec-module.js';
import { DataConverterError } from './errors.js';
import { guardCodecs } from '../data-converter/guarded-codec.js';
import { createRemoteCodec, describeRemoteCodec } from './remote-codec.js';

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
