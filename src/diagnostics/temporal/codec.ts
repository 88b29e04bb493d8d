import type { TemporalConfig } from '../../temporal/config.js';
import {
  CodecError,
  DataConverterError,
  loadDataConverter,
  probeCodec,
} from '../../data-converter/index.js';
import { fail, ok, skip } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';
import { within } from '../within.js';

/** Longest time for one text there and back, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

const SOURCES = { module: 'the configured module', server: 'the codec server' } as const;

const FIX = 'Correct the codec as your workers have it; see docs/encryption.md.';

/** Whether the configured codec loads and gives back what it was given; workers do not start without. */
export async function checkCodec(env: NodeJS.ProcessEnv, config: TemporalConfig): Promise<Finding> {
  const id = 'codec';
  try {
    const loaded = loadDataConverter(env, config);
    if (loaded === undefined) return skip(id, 'none is configured: payloads stay readable');
    const source = SOURCES[loaded.codec];
    const probe = probeCodec(loaded.dataConverter, config.namespace);
    await within(PROBE_TIMEOUT_MS, source, probe);
    return ok(id, `${source} encodes and decodes`);
  } catch (error) {
    if (error instanceof DataConverterError)
      return fail(id, error.message, error.remedy, 'configuration');
    const isOut = error instanceof CodecError && error.kind === 'no-answer';
    const found = error instanceof Error ? error.message : 'failed without words';
    return fail(id, found, FIX, isOut ? 'unreachable' : 'other');
  }
}
