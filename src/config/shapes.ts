import { z } from 'zod';

import { NODE_IDENTITIES } from '../domain/identity.js';

/** Other mistakes of type keep the words of the place that reads the field. */
const missing = {
  error: ({ input }: { readonly input: unknown }) =>
    input === undefined ? 'is missing' : undefined,
};

/** Shapes of what variables and the file both name. */
export const shapes = {
  projectId: z
    .string(missing)
    .regex(/^[0-9a-f]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is not a project id'),
  region: z.string(missing).regex(/^[a-z]{2}-[a-z]+-\d{1,3}$/, 'is not a region'),
  nodeIdentity: z.enum(NODE_IDENTITIES, `must be ${NODE_IDENTITIES.join(', ')}`),
  taskUserName: z.string().max(128, 'is longer than 128 characters'),
};
