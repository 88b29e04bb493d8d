import type { TemporalConnection } from '../../temporal/connection.js';
import { callTemporal, isNotFound } from '../../temporal/rpc.js';
import { shellWord } from '../../domain/commands.js';
import { fail, ok, warn } from '../../doctor/check.js';
import type { Finding } from '../../doctor/check.js';

import { isTemporalCloud } from './commands.js';
import { contextOf } from '../../doctor/setup.js';

/** First server that keeps the promise of the lock: it knows id conflict policies. */
const MIN_VERSION = [1, 24] as const;

/** First server with worker deployments, which `DCS_SWITCHOVER_BUILD_ID` needs. */
const MIN_VERSIONING = [1, 28] as const;

const SECONDS_PER_DAY = 86_400;

/** Whether the server is new enough. */
export async function checkServerVersion(
  connection: TemporalConnection,
  usesVersioning: boolean,
): Promise<Finding> {
  const id = 'temporal-version';
  const { serverVersion } = await callTemporal(contextOf(connection), 'get system info', () =>
    connection.client.workflowService.getSystemInfo({}),
  );
  const [text, isEnough] = judgeVersion(serverVersion, usesVersioning);
  if (isEnough === true) return ok(id, text);
  if (isEnough === null) return warn(id, text, 'Find out by hand which server this is.');
  return fail(id, text, 'Upgrade the Temporal server, or unset DCS_SWITCHOVER_BUILD_ID.', 'other');
}

/** The verdict on a version, in words; `null` where it cannot be read. */
export function judgeVersion(
  version: string,
  usesVersioning: boolean,
): readonly [string, boolean | null] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const required = usesVersioning ? MIN_VERSIONING : MIN_VERSION;
  const wanted = `${required.join('.')} or newer is needed${usesVersioning ? ' for worker versioning' : ''}`;
  if (major === undefined || minor === undefined)
    return [`server version "${version}" cannot be read; ${wanted}`, null];
  const isEnough =
    Number(major) > required[0] || (Number(major) === required[0] && Number(minor) >= required[1]);
  const versioning = `worker versioning would need ${MIN_VERSIONING.join('.')}`;
  return [`server ${version}; ${wanted}${usesVersioning ? '' : `, ${versioning}`}`, isEnough];
}

/** Whether the namespace is there, and how far back it remembers. */
export async function checkNamespace(connection: TemporalConnection): Promise<Finding> {
  const id = 'temporal-namespace';
  const { client, namespace, address } = connection;
  try {
    const { config } = await callTemporal(contextOf(connection), 'describe namespace', () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    const days = Math.round((seconds / SECONDS_PER_DAY) * 10) / 10;
    const retention = `retention ${days} d, as far as earlier runs protect`;
    return ok(id, `${namespace} exists; ${retention}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const create = isTemporalCloud(address)
      ? 'Set TEMPORAL_NAMESPACE to the namespace id, with the account suffix.'
      : `Set TEMPORAL_NAMESPACE, or: temporal operator namespace create --namespace ${shellWord(namespace)}`;
    return fail(id, `${namespace} does not exist on this server`, create, 'other');
  }
}
