export { CodecError, DataConverterError, PayloadsEncodedError } from '../temporal/errors.js';
export type { CodecErrorKind, CodecOperation } from '../temporal/errors.js';
export type { RemoteCodecSettings } from './codec-endpoint.js';
export { loadDataConverter } from '../temporal/data-converter.js';
export type { CodecSource, ConfiguredDataConverter } from '../temporal/data-converter.js';
export { probeCodec } from './probe-codec.js';
export { isUnknownEncoding } from './unknown-encoding.js';
