/** Codecs of the tests: AES-256-GCM as a module that a user would write, and behind a codec server. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** Writes a module with a fresh key; the payload of one run cannot be read as that of another. */
export function writeCodecModule(): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'codec-')), 'codec.cjs');
  writeFileSync(file, MODULE.replace('KEY', randomBytes(32).toString('hex')));
  return file;
}

const MODULE = `
const { createCipheriv, createDecipheriv, randomBytes } = require('node:crypto');
const key = Buffer.from('KEY', 'hex');
const owner = (context) => Buffer.from((context && context.workflowId) || '');
const ENCODING = Buffer.from('binary/encrypted');
const pack = ({ metadata, data }) => Buffer.from(JSON.stringify({
  metadata: Object.entries(metadata || {}).map(([k, v]) => [k, Buffer.from(v).toString('base64')]),
  data: Buffer.from(data || []).toString('base64'),
}));
const unpack = (bytes) => {
  const { metadata, data } = JSON.parse(bytes.toString());
  return {
    metadata: Object.fromEntries(metadata.map(([k, v]) => [k, Buffer.from(v, 'base64')])),
    data: Buffer.from(data, 'base64'),
  };
};
exports.dataConverter = { payloadCodecs: [{
  encode: async (payloads, context) => payloads.map((payload) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(owner(context));
    const data = Buffer.concat([iv, cipher.update(pack(payload)), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { encoding: ENCODING }, data };
  }),
  decode: async (payloads, context) => payloads.map((payload) => {
    if (!ENCODING.equals(Buffer.from(payload.metadata.encoding))) return payload;
    const data = Buffer.from(payload.data);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12)).setAAD(owner(context));
    decipher.setAuthTag(data.subarray(-16));
    return unpack(Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]));
  }),
}] };
`;

/** What a codec server does with its calls; `passes`: it gives back what it was sent. */
export type CodecServerMode = 'works' | 'passes' | 'refuses' | 'hangs';

/** A codec server on loopback. */
export interface CodecServer {
  readonly endpoint: string;
  readonly auth: string;
  /** Path and namespace of each call. */
  readonly calls: readonly { readonly path: string; readonly namespace: string }[];
  mode: CodecServerMode;
  /** Which calls are refused while it works, by operation and clear text. @default none */
  refuse: (operation: 'encode' | 'decode', text: string) => boolean;
  close(): Promise<void>;
}

interface JsonPayload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data?: string;
}

/** Starts a codec server that speaks the protocol of Temporal's SDKs. */
export async function startCodecServer(): Promise<CodecServer> {
  const key = randomBytes(32);
  const auth = `Bearer ${randomBytes(8).toString('hex')}`;
  const calls: { path: string; namespace: string }[] = [];
  const state: Pick<CodecServer, 'mode' | 'refuse'> = { mode: 'works', refuse: () => false };
  const http = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (state.mode === 'hangs') return;
      if (state.mode === 'refuses') return response.writeHead(503).end('no');
      if (request.headers.authorization !== auth) return response.writeHead(403).end('no');
      const url = request.url ?? '';
      calls.push({ path: url, namespace: String(request.headers['x-namespace']) });
      const operation = url.endsWith('/encode') ? 'encode' : 'decode';
      const { payloads: given } = JSON.parse(body) as { payloads: JsonPayload[] };
      const change = operation === 'encode' ? seal : open;
      const payloads =
        state.mode === 'passes' ? given : given.map((payload) => change(key, payload));
      const clear = (operation === 'encode' ? given : payloads).map(({ data = '' }) =>
        fromBase64(data),
      );
      if (state.refuse(operation, clear.join('\n'))) return response.writeHead(503).end('no');
      const answer = { payloads };
      return response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/{namespace}/codec`,
    auth,
    calls,
    get mode() {
      return state.mode;
    },
    set mode(mode) {
      state.mode = mode;
    },
    get refuse() {
      return state.refuse;
    },
    set refuse(refuse) {
      state.refuse = refuse;
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

const SEALED = Buffer.from('binary/encrypted').toString('base64');

function seal(key: Buffer, payload: JsonPayload): JsonPayload {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = [iv, cipher.update(JSON.stringify(payload)), cipher.final(), cipher.getAuthTag()];
  return { metadata: { encoding: SEALED }, data: Buffer.concat(sealed).toString('base64') };
}

function open(key: Buffer, payload: JsonPayload): JsonPayload {
  if (payload.metadata['encoding'] !== SEALED) return payload;
  const data = Buffer.from(payload.data ?? '', 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(-16));
  const opened = [decipher.update(data.subarray(12, -16)), decipher.final()];
  return JSON.parse(Buffer.concat(opened).toString()) as JsonPayload;
}
