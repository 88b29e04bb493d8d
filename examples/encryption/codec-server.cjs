'use strict';
/**
 * A codec server for the Temporal Web UI and Temporal's own command, with the keys of codec.cjs beside it.
 *
 *   CODEC_UI_ORIGIN=https://temporal.example.com CODEC_KEYS_FILE=keys node codec-server.cjs
 *
 * It listens on loopback: what ends TLS, and checks who asks, stands before it. Whoever may call it reads everything.
 */
const { createHash, timingSafeEqual } = require('node:crypto');
const { createServer } = require('node:http');

const { dataConverter, fromJson, toJson } = require('./codec.cjs');

const {
  CODEC_SERVER_PORT = '8888',
  // The only origin that browsers are answered for. Callers that are no browsers name none.
  CODEC_UI_ORIGIN = '',
  // Set: the whole value of the header Authorization that is asked for, as in TEMPORAL_CODEC_AUTH. A Web UI sends the
  // token of its own user instead: check that one here.
  CODEC_AUTHORIZATION = '',
} = process.env;

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const CORS = {
  'Access-Control-Allow-Origin': CODEC_UI_ORIGIN,
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Namespace',
  'Access-Control-Max-Age': '600',
  Vary: 'Origin',
};

const [codec] = dataConverter.payloadCodecs;
const OPERATIONS = { '/encode': codec.encode, '/decode': codec.decode };

/** A refusal: what the caller gets to know, and nothing else. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const digest = (text) => createHash('sha256').update(text).digest();

function authorize({ headers: { authorization = '' } }) {
  if (CODEC_AUTHORIZATION === '') return;
  if (timingSafeEqual(digest(authorization), digest(CODEC_AUTHORIZATION))) return;
  throw new Refusal(401, 'not authorized');
}

async function readBody(request) {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES)
    throw new Refusal(413, 'too large');
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function answer(request) {
  const operation = OPERATIONS[new URL(request.url, 'http://codec').pathname];
  if (operation === undefined) throw new Refusal(404, 'only /encode and /decode');
  if (request.method !== 'POST') throw new Refusal(405, 'only POST');
  authorize(request);
  const body = await readBody(request);
  try {
    // X-Namespace names the namespace: choose keys by it where namespaces have keys of their own.
    const payloads = await operation(JSON.parse(body).payloads.map(fromJson));
    return { payloads: payloads.map(toJson) };
  } catch {
    throw new Refusal(400, 'these payloads cannot be read with the keys that are here');
  }
}

async function serve(request, response) {
  const { origin } = request.headers;
  const isUi = origin !== undefined && origin === CODEC_UI_ORIGIN;
  const send = (status, body) =>
    response
      .writeHead(status, { ...(isUi ? CORS : {}), 'Content-Type': 'application/json' })
      .end(body === undefined ? undefined : JSON.stringify(body));
  try {
    if (origin !== undefined && !isUi) throw new Refusal(403, 'not this origin');
    // A preflight carries no Authorization.
    if (request.method === 'OPTIONS') return send(204);
    return send(200, await answer(request));
  } catch (error) {
    response.setHeader('Connection', 'close');
    return send(error.status ?? 500, { message: error.status ? error.message : 'failed' });
  }
}

const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
  void serve(request, response);
});
server.listen(Number(CODEC_SERVER_PORT), '127.0.0.1', () => {
  console.log(`codec server listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());
