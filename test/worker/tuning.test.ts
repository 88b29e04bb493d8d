import { describe, expect, test } from '@jest/globals';

import { loadWorkerConfig } from '../../src/config/index.js';
import { HEARTBEAT_TIMEOUT_MS } from '../../src/domain/timing.js';
import { FORCE_SECONDS, tuning } from '../../src/worker/options.js';

const ENV = {
  HUAWEICLOUD_SDK_PROJECT_ID: '0ebd32bc6a0123456789abcdef012345',
  HUAWEICLOUD_SDK_AK: 'AKIDEXAMPLE',
  HUAWEICLOUD_SDK_SK: 'not-a-secret',
  DCS_REGION: 'eu-west-101',
};

const tuned = (env: NodeJS.ProcessEnv = {}) => tuning(loadWorkerConfig({ ...ENV, ...env }));

describe('the options of a worker', () => {
  test('limit the activities of the whole queue only where it is asked for', () => {
    expect(tuned()).not.toHaveProperty('maxTaskQueueActivitiesPerSecond');
    expect(tuned({ DCS_SWITCHOVER_MAX_ACTIVITIES_PER_SECOND: '5' })).toMatchObject({
      maxTaskQueueActivitiesPerSecond: 5,
    });
  });

  test('make it a version only where it is asked for: a version gets no work until it is current', () => {
    expect(tuned()).not.toHaveProperty('workerDeploymentOptions');
    expect(tuned({ DCS_SWITCHOVER_BUILD_ID: '7f3a' })).toMatchObject({
      workerDeploymentOptions: {
        version: { deploymentName: 'dcs-switchover', buildId: '7f3a' },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'AUTO_UPGRADE',
      },
    });
  });

  test('let a heartbeat reach the server at least twice before its worker counts as lost', () => {
    const { maxHeartbeatThrottleInterval } = tuned();
    expect(Number(maxHeartbeatThrottleInterval) * 2).toBeLessThan(HEARTBEAT_TIMEOUT_MS);
  });

  test('give up a worker that cannot end only after the grace that a PUT in flight needs', () => {
    const { shutdownGraceTime, shutdownForceTime } = tuned({
      DCS_SWITCHOVER_SHUTDOWN_GRACE_SECONDS: '50',
    });
    expect(shutdownGraceTime).toBe(50_000);
    expect(shutdownForceTime).toBe((50 + FORCE_SECONDS) * 1000);
  });
});
