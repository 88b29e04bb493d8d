/** What the suites of issued credentials have in common. */
import { expect } from '@jest/globals';

import { DcsCredentialsError } from '../../../src/dcs/index.js';
import type { CredentialSource } from '../../../src/dcs/index.js';
import { rejectionOf } from '../support.js';
import type { Respond } from '../support.js';

/** An instant so many hours from now, RFC 3339. */
export const inHours = (hours: number): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString();

/** The first temporary key, as a source gives it. */
export const KEY_1 = {
  kind: 'access-key',
  accessKey: 'ak-1',
  secretKey: 'sk-1',
  securityToken: 'st-1',
};

/** What a source says that has no credential. */
export async function complaintOf(source: CredentialSource): Promise<string> {
  const error = await rejectionOf(source.get());
  expect(error).toBeInstanceOf(DcsCredentialsError);
  return (error as Error).message;
}

/** Notes a request's body before it answers. */
export function noting<T>(bodies: T[], read: (text: string) => T, respond: Respond): Respond {
  return (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(read(text));
      respond(request, response);
    });
  };
}
