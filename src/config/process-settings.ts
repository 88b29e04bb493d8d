import { z } from 'zod';

import { DEFAULT_TASK_QUEUE } from '../contract/index.js';
import { findTaskQueueProblem } from '../domain/task-queue.js';

import { decimalNumber, wholeNumber } from './numbers.js';

/** Names become part of Temporal's version string `{name}.{buildId}`. */
const deploymentName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'is not a name of letters, digits, _ and -');
const buildId = z
  .string()
  .regex(/^[A-Za-z0-9][\w.+-]{0,127}$/, 'is not an id of letters, digits, _, -, + and .');

/** The worker process's own variables, whatever projects it serves. */
export const processSchema = z.object({
  DCS_SWITCHOVER_TASK_QUEUE: z
    .string()
    .superRefine((name, context) => {
      const message = findTaskQueueProblem(name);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .default(DEFAULT_TASK_QUEUE),
  DCS_SWITCHOVER_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'is not debug, info, warn or error' })
    .default('info'),
  DCS_SWITCHOVER_MAX_CACHED_WORKFLOWS: wholeNumber(1, 10_000).default(500),
  DCS_SWITCHOVER_MAX_ACTIVITIES: wholeNumber(1, 1_000).default(100),
  DCS_SWITCHOVER_MAX_ACTIVITIES_PER_SECOND: decimalNumber(0.1, 10_000).nullable().default(null),
  DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: wholeNumber(1, 600).default(45),
  DCS_SWITCHOVER_HTTP_PORT: wholeNumber(0, 65_535).nullable().default(null),
  DCS_SWITCHOVER_HTTP_HOST: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, 'is not a host name or address')
    .default('127.0.0.1'),
  DCS_SWITCHOVER_BUILD_ID: buildId.nullable().default(null),
  DCS_SWITCHOVER_DEPLOYMENT_NAME: deploymentName.default('dcs-switchover'),
});

/** What {@link processSchema} yields. */
export type ProcessSettings = z.output<typeof processSchema>;

/** Variables that do nothing without another one; set alone they are a mistake. */
export const COMPANIONS: readonly (readonly [variable: string, needs: string])[] = [
  ['DCS_SWITCHOVER_HTTP_HOST', 'DCS_SWITCHOVER_HTTP_PORT'],
  ['DCS_SWITCHOVER_DEPLOYMENT_NAME', 'DCS_SWITCHOVER_BUILD_ID'],
];
