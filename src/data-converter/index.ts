export { CodecError, DataConverterError, PayloadsEncodedError } from './errors.js';
export type { CodecErrorKind, CodecOperation } from './errors.js';
export type { RemoteCodecSettings } from './codec-endpoint.js';
export { loadDataConverter } from './load-data-converter.js';
export type { CodecSource, ConfiguredDataConverter } from './load-data-converter.js';
export { probeCodec } from './probe-codec.js';
export { isUnknownEncoding } from './unknown-encoding.js';
