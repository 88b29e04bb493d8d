import { describe, expect, test } from '@jest/globals';

import { loadWorkerConfig } from '../../src/config/index.js';
import { workerEnvFor } from '../../src/dev/stack.js';

const ACCOUNT = {
  projectId: '0ebd32bc6a0123456789abcdef012345',
  region: 'xx-simulated-1',
  endpoint: 'http://127.0.0.1:8800',
  accessKey: 'SIMULATED',
  secretKey: 'simulated',
  securityToken: null,
};

describe('a worker of dev and demo, in the shell of someone who runs real ones', () => {
  const shell = {
    PATH: '/usr/bin',
    TEMPORAL_ADDRESS: '127.0.0.1:7233',
    DCS_SWITCHOVER_TASK_QUEUE: 'mine',
    DCS_SWITCHOVER_DATA_CONVERTER: './codec.cjs',
    DCS_SWITCHOVER_CONFIG: '/etc/projects.yaml',
    DCS_SWITCHOVER_HTTP_PORT: '8080',
    DCS_SWITCHOVER_BUILD_ID: '7f3a',
    DCS_CREDENTIALS: 'metadata',
    DCS_HTTPS_PROXY: 'http://user:canary@proxy:3128',
    DCS_TASK_USER_NAME: 'somebody',
    DCS_IAM_PASSWORD: 'canary',
    HUAWEICLOUD_SDK_AK: 'canary',
    HC_CONTAINER_CREDENTIALS_FULL_URI: 'https://canary.example.com',
    HUAWEICLOUD_SDK_SK_FILE: '/run/canary',
    HUAWEICLOUD_SDK_REGION_DCS_XX_SIMULATED_1: 'https://dcs.example.com',
    CLOUD_SDK_SK: 'canary',
  };
  const env = workerEnvFor(shell, ACCOUNT);

  test('takes nothing of their account along', () => {
    expect(JSON.stringify(env)).not.toContain('canary');
    expect(loadWorkerConfig(env)).toMatchObject({
      projects: [
        {
          projectId: ACCOUNT.projectId,
          endpoint: ACCOUNT.endpoint,
          taskUserName: null,
          nodeIdentity: 'node-id',
          credentials: { source: 'environment' },
        },
      ],
      proxyUrl: null,
    });
  });

  test('opens no port of theirs, and is no version that would get no work', () => {
    expect(loadWorkerConfig(env)).toMatchObject({ http: null, versioning: null });
  });

  test('keeps what is theirs to choose: queue, codec, the rest of the shell', () => {
    expect(env).toMatchObject({
      PATH: '/usr/bin',
      DCS_SWITCHOVER_TASK_QUEUE: 'mine',
      DCS_SWITCHOVER_DATA_CONVERTER: './codec.cjs',
    });
  });
});
