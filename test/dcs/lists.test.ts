/** Lists of a project: all pages, each row once, or an error. */
import { afterAll, describe, expect, test } from '@jest/globals';

import { DcsResponseError } from '../../src/dcs/index.js';
import { clientOf, json, rejectionOf, startServer, stopServers, uncancelled } from './support.js';
import type { Respond, TestServer } from './support.js';

afterAll(stopServers);

const idOf = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** As the page of ListInstances shows them, drifting types and all. */
const instanceOf = (index: number) => ({
  ...{ instance_id: idOf(index), name: `cache-${index}`, status: 'RUNNING', engine: 'Redis' },
  ...{ maintain_begin: '18:00:00', maintain_end: '19:00:00', no_password_access: true },
  ...{ enterprise_project_id: 0, publicip_id: {}, service_task_id: '' },
  tags: [{ key: 1, value: 'DCS' }],
});

const nodesOf = (index: number) => ({
  instance_id: idOf(index),
  node_count: 1,
  nodes: [
    {
      ...{ node_id: `node-${index}`, node_type: 'master', node_role: 'redis-server' },
      ...{ status: 'Active', az_code: 'az1', node_ip: '10.0.0.1', priority_weight: 100 },
      ...{ group_id: 'g', replication_id: 'r' },
    },
  ],
});

/** Serves `count` rows by offset and limit, as the API does. */
const paged =
  (count: number, row: (index: number) => object, totalField: string, total = count): Respond =>
  (request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    const offset = Number(query.get('offset'));
    const length = Math.max(0, Math.min(Number(query.get('limit')), count - offset));
    const instances = Array.from({ length }, (_, index) => row(offset + index));
    json({ [totalField]: total, instances })(request, response);
  };

const offsetsOf = ({ arrivals }: TestServer): string[] =>
  arrivals.map(({ url }) => new URL(url, 'http://localhost').searchParams.get('offset') ?? '');

/** Each reading shows instances that the one before did not. */
let shift = 0;
const shifting: Respond = (request, response) => {
  const isFirst = (request.url ?? '').includes('offset=0');
  if (isFirst) shift += 1;
  const instances = isFirst ? [instanceOf(shift)] : [];
  json({ instance_num: 2, instances })(request, response);
};

describe('listInstances', () => {
  test('reads every page, and what each instance shows', async () => {
    const server = await startServer(paged(250, instanceOf, 'instance_num'));
    const { value } = await clientOf(server.origin).listInstances(uncancelled());
    expect(value.map(({ instanceId }) => instanceId)).toEqual(
      Array.from({ length: 250 }, (_, index) => idOf(index)),
    );
    expect(value[0]).toMatchObject({
      ...{ name: 'cache-0', status: 'RUNNING', cacheMode: null, task: null, serviceTaskId: null },
      ...{ maintainBegin: '18:00:00', maintainEnd: '19:00:00' },
      tags: [{ key: '1', value: 'DCS' }],
    });
    expect(offsetsOf(server)).toEqual(['0', '100', '200']);
  });

  test.each([0, 1, 100, 200])('ends after %d instances', async (count) => {
    const server = await startServer(paged(count, instanceOf, 'instance_num'));
    const { value } = await clientOf(server.origin).listInstances(uncancelled());
    expect(value).toHaveLength(count);
  });

  test.each([1, 100, 130, 200])(
    'reads all of %d instances where each page counts its own rows alone',
    async (count) => {
      const server = await startServer((request, response) => {
        const query = new URL(request.url ?? '', 'http://localhost').searchParams;
        const onPage = Math.max(0, Math.min(100, count - Number(query.get('offset'))));
        paged(count, instanceOf, 'instance_num', onPage)(request, response);
      });
      const { value } = await clientOf(server.origin).listInstances(uncancelled());
      expect(value).toHaveLength(count);
    },
  );

  test.each<[string, Respond, RegExp]>([
    ['that shows other rows each time, and never as many as it counts', shifting, /changed/],
    ['of which a row has no id', paged(1, () => ({ name: 'a' }), 'instance_num'), /no id/],
    ['that is none', json({ instance_num: 1 }), /without the list/],
    [
      'that is an error, in its words',
      json({ error_code: 'DCS.5000', error_msg: 'Internal error.' }),
      /without the list instances; it says DCS\.5000 Internal error/,
    ],
  ])('refuses a list %s', async (_, respond, words) => {
    const { origin } = await startServer(respond);
    const error = await rejectionOf(clientOf(origin).listInstances(uncancelled()));
    expect(error).toBeInstanceOf(DcsResponseError);
    expect((error as Error).message).toMatch(words);
  });

  test.each([
    ['counts more than there are, such as some that are not shown', 130, 131],
    ['counts fewer than there are', 130, 2],
  ])('takes a list that shows the same twice and %s', async (_, count, total) => {
    const server = await startServer(paged(count, instanceOf, 'instance_num', total));
    const { value } = await clientOf(server.origin).listInstances(uncancelled());
    expect(value).toHaveLength(count);
  });

  test('reads on where the count is that of the page, and no more often than needed', async () => {
    const server = await startServer((request, response) => {
      const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
      const length = Math.min(100, 130 - offset);
      const instances = Array.from({ length }, (_, index) => instanceOf(offset + index));
      json({ instance_num: length, instances })(request, response);
    });
    const { value } = await clientOf(server.origin).listInstances(uncancelled());
    expect(value).toHaveLength(130);
    expect(offsetsOf(server)).toEqual(['0', '100']);
  });

  test('refuses a list without end, after a bounded number of pages', async () => {
    const server = await startServer(paged(1e9, instanceOf, 'instance_num'));
    const error = await rejectionOf(clientOf(server.origin).listInstances(uncancelled()));
    expect((error as Error).message).toContain('more than 10000 rows');
    expect(server.arrivals).toHaveLength(100);
  });
});

describe('listAllNodes', () => {
  test('reads the nodes of every instance, page by page', async () => {
    const server = await startServer(paged(120, nodesOf, 'count'));
    const { value } = await clientOf(server.origin).listAllNodes(uncancelled());
    expect(value).toHaveLength(120);
    expect(value[119]).toMatchObject({
      instanceId: idOf(119),
      nodes: [{ nodeId: 'node-119', role: 'master', availabilityZone: 'az1', status: 'Active' }],
    });
    expect(offsetsOf(server)).toEqual(['0', '50', '100']);
  });
});
