/** The tasks of a whole project, as the API's task center lists them; and whom STS is asked about. */
import { afterEach, expect, test } from '@jest/globals';

import { clientOf, json, PROJECT_ID, startServer, stopServers, uncancelled } from './support.js';

afterEach(stopServers);

test.each([
  [null, ''],
  [Date.UTC(2026, 0, 2, 3, 4, 5, 678), '&start_time=20260102030405'],
])('the task center is asked for all tasks since %s', async (sinceMs, query) => {
  const server = await startServer(json({ task_count: '0', tasks: [] }));
  const { value } = await clientOf(server.origin).listCenterTasks({ sinceMs, ...uncancelled() });
  expect(value).toStrictEqual([]);
  expect(server.arrivals.map(({ url }) => url)).toStrictEqual([
    `/v2/${PROJECT_ID}/tasks?limit=100&offset=0${query}`,
  ]);
});

test('STS is asked where its endpoint is known, and by the client’s own credential', async () => {
  const server = await startServer(json({ principal_urn: 'iam::a:user:ann', principal_id: 'u1' }));
  const { identity } = clientOf(server.origin, { stsEndpoint: server.origin });
  expect(await identity.user()).toStrictEqual({ userName: 'ann', userId: 'u1', by: 'sts' });
  expect(server.arrivals).toMatchObject([{ method: 'GET', url: '/v5/caller-identity' }]);
  expect(await clientOf(server.origin).identity.user()).toBeNull();
  expect(server.arrivals).toHaveLength(1);
});

test('more tasks than are read, none of which says when it began, leave nothing to complain of', async () => {
  const server = await startServer((request, response) => {
    const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
    const tasks = Array.from({ length: 100 }, (_, index) => ({ id: offset + index }));
    json({ task_count: '700', tasks })(request, response);
  });
  const client = clientOf(server.origin);
  const { value } = await client.listCenterTasks({ sinceMs: null, ...uncancelled() });
  expect(value).toHaveLength(500);
});
