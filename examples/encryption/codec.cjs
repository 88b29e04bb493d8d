'use strict';
/**
 * Encrypts what Temporal stores: AES-256-GCM, the id of the key beside each payload. For workers, callers and the
 * command: DCS_SWITCHOVER_DATA_CONVERTER=/path/to/codec.cjs
 *
 * CODEC_KEYS_FILE names a file of lines `ID KEY`, the key as 32 bytes in base64. The first one encrypts, each decrypts:
 * put a new one on top, and take an old one away once the retention of its last run is over.
 */
const { createCipheriv, createDecipheriv, randomBytes } = require('node:crypto');
const { readFileSync } = require('node:fs');

const ALGORITHM = 'aes-256-gcm';
const ENCODING = 'binary/encrypted';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What the worker says of a module that it cannot load is the code alone. */
const mistake = (message) => Object.assign(new Error(message), { code: 'CODEC_KEYS_FILE' });

function readKeys(file) {
  if (!file) throw mistake('CODEC_KEYS_FILE is not set');
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const keys = lines.map((line, at) => {
    const [id, text = ''] = line.trim().split(/\s+/);
    const key = Buffer.from(text, 'base64');
    // Never the line itself: it holds a key.
    if (key.length !== KEY_BYTES) throw mistake(`line ${at + 1} has no key of ${KEY_BYTES} bytes`);
    return [id, key];
  });
  if (keys.length === 0) throw mistake('the file has no key');
  return new Map(keys);
}

/** A payload as JSON, all bytes in base64: the form that codec servers exchange. */
const toJson = ({ metadata, data }) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});

const fromJson = ({ metadata, data }) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  ),
  data: Buffer.from(data ?? '', 'base64'),
});

function encrypt([id, key], payload) {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv);
  const sealed = [cipher.update(JSON.stringify(toJson(payload))), cipher.final()];
  return {
    metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(id) },
    data: Buffer.concat([iv, ...sealed, cipher.getAuthTag()]),
  };
}

function decrypt(keys, payload) {
  const { encoding = '', 'encryption-key-id': id = '' } = payload.metadata ?? {};
  // What was stored before there was a codec stays readable.
  if (Buffer.from(encoding).toString() !== ENCODING) return payload;
  const key = keys.get(Buffer.from(id).toString());
  if (key === undefined) throw new Error('encrypted by a key that CODEC_KEYS_FILE does not have');
  const data = Buffer.from(payload.data ?? []);
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv(ALGORITHM, key, data.subarray(0, IV_BYTES), options);
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  const opened = [decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
  return fromJson(JSON.parse(Buffer.concat(opened).toString()));
}

const keys = readKeys(process.env.CODEC_KEYS_FILE);
const [current] = keys;

const codec = {
  encode: async (payloads) => payloads.map((payload) => encrypt(current, payload)),
  decode: async (payloads) => payloads.map((payload) => decrypt(keys, payload)),
};

exports.dataConverter = { payloadCodecs: [codec] };
exports.toJson = toJson;
exports.fromJson = fromJson;
