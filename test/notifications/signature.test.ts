/** Signatures are those of Standard Webhooks: its library signs, and Node's own HMAC is the witness. */
import { createHmac } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';

import { sign } from '../../src/notifications/post.js';
import { WebhookSecretError, parseKeys } from '../../src/notifications/index.js';
import { newSecret } from '../support/receiver.js';

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

describe('a signature', () => {
  it('is accepted by the library of the standard, for any body', () => {
    const secret = newSecret();
    fc.assert(
      fc.property(fc.jsonValue(), fc.uuid(), (value, id) => {
        const body = JSON.stringify(value);
        const headers = sign(parseKeys(secret), { id, timestampSeconds: nowSeconds(), body });
        expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      }),
    );
  });

  it('is the HMAC of the key, whatever its size and whatever characters the body has', () => {
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 });
    fc.assert(
      fc.property(keys, fc.string({ unit: 'grapheme' }), (key, body) => {
        const headers = sign([Buffer.from(key)], {
          id: 'r:0',
          timestampSeconds: 1_700_000_000,
          body,
        });
        const hmac = createHmac('sha256', key).update(`r:0.1700000000.${body}`).digest('base64');
        expect(headers['webhook-signature']).toBe(`v1,${hmac}`);
      }),
    );
  });

  it('covers the id, the time and every byte of the body', () => {
    const secret = newSecret();
    const body = '{"a":1}';
    const headers = sign(parseKeys(secret), { id: 'r:0', timestampSeconds: nowSeconds(), body });
    const refused = [
      [body.replace('1', '2'), headers],
      [body, { ...headers, 'webhook-id': 'r:1' }],
      [body, { ...headers, 'webhook-timestamp': String(nowSeconds() - 1) }],
    ] as const;
    for (const [text, changed] of refused)
      expect(() => new Webhook(secret).verify(text, changed)).toThrow('No matching signature');
  });

  it('is given by each of several keys, so that a receiver can change from one to the next', () => {
    const [old, young] = [newSecret(), newSecret()];
    const signed = { id: 'r:0', timestampSeconds: nowSeconds(), body: '{}' };
    const headers = sign(parseKeys(`${old}\n${young}\n`), signed);
    expect(new Webhook(old).verify('{}', headers)).toEqual({});
    expect(new Webhook(young).verify('{}', headers)).toEqual({});
    expect(() => new Webhook(newSecret()).verify('{}', headers)).toThrow('No matching signature');
  });
});

describe('a secret', () => {
  it('may leave out its prefix', () => {
    const secret = newSecret();
    expect(parseKeys(secret.replace('whsec_', ''))).toStrictEqual(parseKeys(secret));
  });

  it.each([
    ['nothing', ' \n'],
    ['a word', 'hunter2'],
    ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['no base64', `whsec_${'*'.repeat(40)}`],
    ['one good and one bad', `${newSecret()} hunter2`],
  ])('is refused when it is %s, without being repeated', (_, text) => {
    const parse = (): unknown => parseKeys(text);
    expect(parse).toThrow(WebhookSecretError);
    expect(parse).not.toThrow(/hunter2|\*\*/);
  });
});
