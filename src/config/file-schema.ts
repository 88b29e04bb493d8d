/** Shape of the file that `DCS_SWITCHOVER_CONFIG` names. No field of it may hold a secret. */
import { z } from 'zod';

import { TIMING_BOUNDS } from '../contract/index.js';
import { DEFAULT_NODE_IDENTITY } from '../domain/identity.js';
import { AGENCY_DURATION } from './credentials/agency.js';
import { shapes } from './shapes.js';

/** Longest accepted text, and most entries of a list: what a person can still oversee. */
const MAX_TEXT_LENGTH = 1024;
const MAX_RULES = 1_000;
const MAX_PROJECTS = 500;

const text = z.string().min(1, 'is empty').max(MAX_TEXT_LENGTH, 'is too long');
const file = text;

const base = [
  z.strictObject({ source: z.literal('environment') }),
  z.strictObject({
    source: z.literal('files'),
    accessKeyFile: file,
    secretKeyFile: file,
    securityTokenFile: file.nullable().default(null),
  }),
  z.strictObject({ source: z.literal('profile'), file, section: text.default('basic') }),
  z.strictObject({
    source: z.literal('iam-token'),
    userName: text,
    domainName: text,
    passwordFile: file.nullable().default(null),
    iamEndpoint: text.optional(),
  }),
  z.strictObject({ source: z.literal('metadata'), endpoint: text.optional() }),
] as const;

const agency = z.strictObject({
  source: z.literal('agency'),
  base: z.discriminatedUnion('source', base),
  agencyName: text,
  domainName: text,
  iamEndpoint: text.optional(),
  durationSeconds: z
    .int()
    .min(AGENCY_DURATION.min)
    .max(AGENCY_DURATION.max)
    .default(AGENCY_DURATION.fallback),
});

/** One of the three ways to name instances; exactly one field is given. */
const rule = z
  .strictObject({
    instanceId: z
      .string()
      .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is not an instance id')
      .optional(),
    name: text.optional(),
    tag: z
      .strictObject({ key: text, value: z.string().max(MAX_TEXT_LENGTH).optional() })
      .optional(),
  })
  .refine(
    (given) => Object.values(given).filter((value) => value !== undefined).length === 1,
    'must have exactly one of instanceId, name, tag',
  );

const project = z.strictObject({
  projectId: shapes.projectId,
  region: shapes.region,
  endpoint: text.optional(),
  stsEndpoint: text.optional(),
  taskUserName: shapes.taskUserName.nullable().default(null),
  nodeIdentity: shapes.nodeIdentity.default(DEFAULT_NODE_IDENTITY),
  credentials: z.discriminatedUnion('source', [...base, agency]).optional(),
  maxReadsPerSecond: z.number().min(0.1).max(1_000).nullable().default(null),
  allow: z.array(rule).max(MAX_RULES).optional(),
  deny: z.array(rule).max(MAX_RULES).default([]),
  coolDownFloorSeconds: z.int().min(0).max(TIMING_BOUNDS.coolDownSeconds.max).default(0),
});

/** The whole file. */
export const fileSchema = z.strictObject({
  projects: z.array(project).min(1, 'names no project').max(MAX_PROJECTS),
});

/** A project as the file writes it, with its defaults. */
export type FileProject = z.output<typeof project>;
/** Credentials as the file writes them. */
export type FileCredentials = NonNullable<FileProject['credentials']>;
/** A rule as the file writes it. */
export type FileRule = z.output<typeof rule>;
