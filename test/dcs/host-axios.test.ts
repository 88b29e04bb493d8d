/** What an embedding host does to the axios that it shares with us must not reach a call, least of all the PUT. */
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';

import {
  JOB_ID,
  clientOf,
  json,
  requestSwap,
  showInstance,
  startServer,
  stopServers,
} from './support.js';

const NAMES = ['auth', 'timeout', 'params', 'maxRate', 'transformRequest'] as const;
const before = NAMES.map((name) => [name, axios.defaults[name] as unknown] as const);

afterEach(async () => {
  Object.assign(axios.defaults, Object.fromEntries(before));
  delete axios.defaults.headers.common['X-Host'];
  await stopServers();
});

describe('the defaults of a host’s axios', () => {
  it('change neither time, path, body nor headers of our calls', async () => {
    Object.assign(axios.defaults, {
      auth: { username: 'host', password: 'hostcanary' },
      timeout: 50,
      params: { host: 'hostcanary' },
      maxRate: 1,
      transformRequest: [() => 'hostcanary'],
    });
    axios.defaults.headers.common['X-Host'] = 'hostcanary';
    const answer = json({ job_id: JOB_ID, status: 'RUNNING' });
    const { origin, arrivals } = await startServer((request, response) => {
      setTimeout(() => {
        answer(request, response);
      }, 200);
    });
    const client = clientOf(origin);
    expect((await requestSwap(client)).value.jobId).toBe(JOB_ID);
    expect((await showInstance(client)).value.status).toBe('RUNNING');
    for (const { url, headers } of arrivals) {
      expect(url).not.toContain('?');
      expect(headers.authorization).toMatch(/^SDK-HMAC-SHA256 /);
      expect(headers['content-length'] ?? '0').toBe('0');
      expect(JSON.stringify(headers)).not.toMatch(/hostcanary|aG9zd/);
    }
  });
});
