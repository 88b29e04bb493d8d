/** What a codec server answers, as bytes and as JSON of any shape. */
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';

import { loadDataConverter } from '../../../src/temporal/data-converter.js';
import { textsOf } from '../../dcs/support.js';
import type { Recipe } from '../recipe.js';
import { answers, isEndless, withAnswerServer } from '../server.js';
import type { Answer, AnswerServer } from '../server.js';
import { CANARIES, checkClass, checkSecrets, checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

const AUTH = `Bearer ${CANARIES.securityToken}`;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What would be accepted, as far as the shape of an answer goes. */
const GOOD: Recipe = {
  payloads: ['json/plain', 'binary/encrypted'].map((encoding) => ({
    metadata: { encoding: base64(encoding), 'encryption-key-id': base64('k1') },
    data: base64('{"a":1}'),
  })),
};

/** What is handed over: a secret, which no error may repeat. */
const PAYLOADS: readonly Payload[] = [CANARIES.password, CANARIES.secretKey].map((text) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(text)),
}));

/** How often one call may ask, a lost connection included. */
const MAX_REQUESTS = 2;

/** Answers that never end take the codec's whole time: seldom, so that the others have their turn. */
const PATIENCE = 20;

interface Case {
  readonly operation: 'encode' | 'decode';
  readonly answer: Answer;
}

export const codecs: Surface<Case> = {
  name: 'codecs',
  inputs: fc.record({
    operation: fc.constantFrom('encode', 'decode'),
    answer: fc
      .tuple(answers, fc.nat(PATIENCE))
      .map(([answer, patience]) =>
        isEndless(answer) && patience > 0 ? { ...answer, frame: 'cut' as const } : answer,
      ),
  }),
  check: ({ operation, answer }) =>
    withAnswerServer({ answer, good: GOOD }, (server) => checkCodec(server, operation)),
};

async function checkCodec(
  { origin, requests }: AnswerServer,
  operation: Case['operation'],
): Promise<void> {
  const codec = { endpoint: `${origin}/{namespace}`, auth: AUTH };
  const converter = loadDataConverter({}, { namespace: 'ops', codec });
  const [guarded] = converter?.dataConverter.payloadCodecs ?? [];
  if (guarded === undefined) return fail('no codec');
  await checkCall(() => guarded[operation]([...PAYLOADS]));
  if (requests.length > MAX_REQUESTS) fail(`${requests.length} requests`);
  for (const line of requests) if (line !== `POST /ops/${operation}`) fail(`asked for ${line}`);
}

async function checkCall(call: () => Promise<readonly Payload[]>): Promise<void> {
  let payloads: readonly Payload[];
  try {
    payloads = await call();
  } catch (failure) {
    const error = checkClass(failure, ['CodecError']);
    checkText('a message', error.message, 500);
    checkSecrets('an error', textsOf(error));
    return;
  }
  if (payloads.length !== PAYLOADS.length) fail(`${payloads.length} payloads`);
  for (const payload of payloads) checkPayload(payload);
}

/** The SDK takes it: bytes and nothing else. */
function checkPayload({ metadata, data }: Payload): void {
  if (!(data instanceof Uint8Array)) fail('data that is no bytes');
  if (Object.getPrototypeOf(metadata ?? {}) !== Object.prototype) fail('metadata of another kind');
  for (const [name, value] of Object.entries(metadata ?? {}))
    if (!(value instanceof Uint8Array)) fail(`metadata ${name} that is no bytes`);
}
