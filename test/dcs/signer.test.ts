import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { canonicalQuery, sign, toSdkDate } from '../../src/dcs/signer.js';

interface Vector {
  readonly id: string;
  readonly algorithm: string;
  readonly credentials: { readonly ak: string; readonly sk: string };
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query: readonly (readonly [string, string])[];
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly signHeaders: readonly string[];
  readonly expected: {
    readonly canonicalRequest: string;
    readonly stringToSign: string;
    readonly authorization: string;
  };
}

const { vectors, canonicalQueryVectors } = JSON.parse(
  fs.readFileSync(path.join(__dirname, 'fixtures', 'signing-vectors.json'), 'utf8'),
) as {
  readonly vectors: readonly Vector[];
  readonly canonicalQueryVectors: readonly {
    readonly id: string;
    readonly query: readonly (readonly [string, string])[];
    readonly expected: string;
  }[];
};

const inScope = vectors.filter(({ algorithm }) => algorithm === 'SDK-HMAC-SHA256');

const signVector = ({ request, signHeaders, credentials }: Vector) =>
  sign(
    {
      ...request,
      headers: Object.fromEntries(
        Object.entries(request.headers).filter(([name]) =>
          signHeaders.includes(name.toLowerCase()),
        ),
      ),
    },
    { accessKey: credentials.ak, secretKey: credentials.sk },
  );

describe('the published signing vectors', () => {
  it('are all here; the derived-key algorithm V11 is out of scope', () => {
    const count = (name: string): number =>
      vectors.filter(({ algorithm }) => algorithm === name).length;
    expect({
      total: vectors.length,
      sdk: count('SDK-HMAC-SHA256'),
      v11: count('V11-HMAC-SHA256'),
      query: canonicalQueryVectors.length,
    }).toStrictEqual({ total: 21, sdk: 13, v11: 8, query: 2 });
  });

  it.each(inScope.map((vector) => [vector.id, vector] as const))('sign like %s', (_, vector) => {
    const { canonicalRequest, stringToSign, authorization } = signVector(vector);
    expect({ canonicalRequest, stringToSign, authorization }).toStrictEqual({
      canonicalRequest: vector.expected.canonicalRequest,
      stringToSign: vector.expected.stringToSign,
      authorization: vector.expected.authorization,
    });
  });

  it.each(canonicalQueryVectors.map(({ id, ...vector }) => [id, vector] as const))(
    'order and encode the query like %s',
    (_, { query, expected }) => {
      expect(canonicalQuery(query)).toBe(expected);
      expect(canonicalQuery([...query].reverse())).toBe(expected);
    },
  );
});

describe('a signature', () => {
  const [vector] = inScope;

  it.each<[string, (vector: Vector) => Vector]>([
    ['the method', (v) => ({ ...v, request: { ...v.request, method: 'POST' } })],
    ['the path', (v) => ({ ...v, request: { ...v.request, path: `${v.request.path}/x` } })],
    ['the query', (v) => ({ ...v, request: { ...v.request, query: [['a', 'b']] } })],
    ['the body', (v) => ({ ...v, request: { ...v.request, body: '{}' } })],
    ['the secret key', (v) => ({ ...v, credentials: { ...v.credentials, sk: 'another' } })],
  ])('changes with %s', (_, change) => {
    if (vector === undefined) throw new Error('no vector');
    expect(signVector(change(vector)).authorization).not.toBe(signVector(vector).authorization);
  });

  it('does not depend on the order or spelling of header names', () => {
    const request = { method: 'put', path: '/v2/x', query: [], body: '' };
    const keys = { accessKey: 'ak', secretKey: 'sk' };
    const one = sign({ ...request, headers: { Host: 'h', 'X-Sdk-Date': 'd' } }, keys);
    const two = sign({ ...request, headers: { 'x-sdk-date': 'd', host: ' h ' } }, keys);
    expect(two.authorization).toBe(one.authorization);
  });

  it('writes its date without dashes, colons and milliseconds', () => {
    expect(toSdkDate(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('20260102T030405Z');
  });
});
