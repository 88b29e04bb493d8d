import type { Simulator } from '../simulator/index.js';

/**
 * Settings of the user's own worker that one of ours must not take: account and projects, where the API is
 * and how it is reached, its port, and a version that would get no work.
 */
const OF_THE_USER =
  /^(?:DCS_(?!SWITCHOVER_)|(?:HUAWEICLOUD|CLOUD)_SDK_|DCS_SWITCHOVER_(?:CONFIG|HTTP_|BUILD_ID|DEPLOYMENT_NAME))/;

/** What of a simulator a worker is told. */
export type SimulatedAccount = Pick<
  Simulator,
  'projectId' | 'region' | 'endpoint' | 'accessKey' | 'secretKey' | 'securityToken'
>;

/**
 * The whole environment of a worker that serves a simulator.
 *
 * @param env that of a client; what belongs to the user's own account does not travel
 */
export function workerEnvFor(env: NodeJS.ProcessEnv, account: SimulatedAccount): NodeJS.ProcessEnv {
  const { projectId, region, endpoint, accessKey, secretKey, securityToken } = account;
  const kept = Object.entries(env).filter(([name]) => !OF_THE_USER.test(name));
  return {
    ...Object.fromEntries(kept),
    HUAWEICLOUD_SDK_PROJECT_ID: projectId,
    HUAWEICLOUD_SDK_AK: accessKey,
    HUAWEICLOUD_SDK_SK: secretKey,
    HUAWEICLOUD_SDK_SECURITY_TOKEN: securityToken ?? '',
    DCS_REGION: region,
    DCS_ENDPOINT: endpoint,
    DCS_SWITCHOVER_LOG_LEVEL: 'info',
  };
}
