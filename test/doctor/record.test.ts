import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { Exchange } from '../../src/dcs/index.js';
import {
  createPseudonyms,
  createRecorder,
  FIELDS,
  RecordFolderError,
  redactBody,
} from '../../src/doctor/record.js';

const INSTANCE = 'a4c545cd-10b2-4efc-b0ab-a9b554ca0621';
const NODE = '8abfa7aa73291f15017329e1cda0002d';

const exchange = (body: unknown, headers: Record<string, string> = {}): Exchange => ({
  operation: 'showInstance',
  method: 'GET',
  route: '/v2/{projectId}/instances/{instanceId}',
  status: 200,
  requestId: 'b1'.repeat(16),
  durationMs: 12.7,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
  error: null,
});

const freshFolder = async () => path.join(await mkdtemp(path.join(tmpdir(), 'record-')), 'new');

/** What a person would read of the files. */
async function record(...exchanges: Exchange[]): Promise<string> {
  const recorder = await createRecorder(await freshFolder());
  exchanges.forEach(recorder.onExchange);
  const files = await recorder.write();
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
}

describe('what is kept', () => {
  const redacted = (body: unknown) => redactBody(body, createPseudonyms());

  test('states, codes, times, counts and the shape of the body', () => {
    const body = {
      status: 'RUNNING',
      task: 'BACKUPING',
      cache_mode: 'ha_rw_split',
      engine_version: '6.0',
      node_role: 'redis-server',
      error_code: 'DCS.4049',
      created_at: '2022-08-29T08:53:47.319Z',
      begin_time: '1684191545379',
      port: 6379,
      node_port: '6379',
      enable_ssl: false,
      order_id: null,
      task_count: '1',
      tasks: [],
    };
    expect(redacted(body)).toEqual(body);
  });

  test('names of tasks, but not of instances', () => {
    expect(redacted([{ name: 'masterStandbySwapJob' }, { name: 'orders' }])).toEqual([
      { name: 'masterStandbySwapJob' },
      { name: 'text-1' },
    ]);
  });

  test('a new word for a state, because that is what reports are about', () => {
    expect(redacted({ status: 'SWITCHING' })).toEqual({ status: 'SWITCHING' });
  });
});

describe('what is replaced', () => {
  const redacted = (body: unknown) => redactBody(body, createPseudonyms());

  test('ids and addresses by stand-ins of their shape, the same for the same', () => {
    expect(
      redacted({
        instance_id: INSTANCE,
        ip: '10.1.2.3,10.1.2.4',
        nodes: [
          { node_id: NODE, node_ip: '10.1.2.3' },
          { node_id: NODE.replace('8', '9'), node_ip: '10.1.2.4' },
          { node_id: NODE.toUpperCase(), node_ip: 'fd00::1' },
        ],
      }),
    ).toEqual({
      instance_id: '00000000-0000-4000-8000-000000000001',
      ip: '192.0.2.1,192.0.2.2',
      nodes: [
        { node_id: '00000000000000000000000000000001', node_ip: '192.0.2.1' },
        { node_id: '00000000000000000000000000000002', node_ip: '192.0.2.2' },
        { node_id: '00000000000000000000000000000001', node_ip: '2001:db8::1' },
      ],
    });
  });

  test('names of fields that no one knows, and numbers in them', () => {
    expect(redacted({ 'owner of the tag': 'alice', secret_number: 4711 })).toEqual({
      unknown_field_1: 'text-1',
      unknown_field_2: 0,
    });
  });

  test('a text in the place of a state', () => {
    expect(redacted({ status: 'owned by alice', error_code: 'alice' })).toEqual({
      status: 'text-1',
      error_code: 'text-2',
    });
  });

  test('a body that is no JSON, and headers that are not as they should be', async () => {
    const text = await record(
      exchange('<html>canary-page</html>', { date: 'canary-date', server: 'canary-server' }),
    );
    expect(text).not.toContain('canary');
    expect(text).toContain('"unreadableBodyBytes": 24');
  });
});

/** Fields that may keep a word; a canary with a hyphen and digits is none. */
const canary = fc.uuid().map((id) => `canary-${id}`);

const secretOf = (text: string) =>
  fc.constantFrom(
    text,
    `${text} and more`,
    `(master)${text}`,
    `a,${text},b`,
    text.toUpperCase(),
    `10.0.0.1 ${text}`,
  );

describe('canaries', () => {
  test('never survive, wherever in a response they stand', () => {
    const names = fc.oneof(fc.constantFrom(...FIELDS.keys()), fc.string());
    fc.assert(
      fc.property(
        canary.chain((text) =>
          fc.tuple(
            fc.constant(text),
            fc.letrec((tie) => ({
              leaf: fc.oneof(secretOf(text), fc.integer(), fc.boolean(), fc.constant(null)),
              key: fc.oneof(names, secretOf(text)),
              list: fc.array(tie('value'), { maxLength: 3 }),
              object: fc
                .array(fc.tuple(tie('key') as fc.Arbitrary<string>, tie('value')), { maxLength: 4 })
                .map((entries) => Object.fromEntries(entries) as unknown),
              value: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('object')),
            })).value,
          ),
        ),
        ([text, body]) => {
          const output = JSON.stringify(redactBody(body, createPseudonyms()) ?? null);
          expect(output.toLowerCase()).not.toContain(text.toLowerCase());
        },
      ),
      { numRuns: 300 },
    );
  });

  test('ids, addresses and availability zones do not survive in any field', () => {
    const secrets = ['b2b7c545-10b2-4efc-b0ab-a9b554ca0621', NODE, '10.77.66.55', 'cn-north-4a'];
    fc.assert(
      fc.property(
        fc.constantFrom(...FIELDS.keys(), 'something_new'),
        fc.constantFrom(...secrets),
        (name, secret) => {
          const output = JSON.stringify(redactBody({ [name]: [secret] }, createPseudonyms()));
          expect(output).not.toContain(secret);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('do not survive in headers or in the request id', async () => {
    const text = await record({
      ...exchange(
        { status: 'RUNNING' },
        {
          date: 'canary',
          'content-type': 'application/json; boundary=canary',
          'retry-after': 'canary',
          'x-new': 'canary',
        },
      ),
      requestId: 'canary',
      error: 'canary',
    });
    expect(text).not.toContain('canary');
  });
});

describe('the folder', () => {
  test('gets one file per answer, readable by its owner only', async () => {
    const folder = await freshFolder();
    const recorder = await createRecorder(folder);
    recorder.onExchange(exchange({ status: 'RUNNING' }));
    recorder.onExchange({ ...exchange({}), operation: 'listTasks' });
    const files = await recorder.write();
    expect(await readdir(folder)).toEqual(['01-showInstance.json', '02-listTasks.json']);
    expect((await stat(files[0] ?? '')).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test('is refused when something is in it, before anything is called', async () => {
    const folder = await freshFolder();
    await createRecorder(folder);
    await writeFile(path.join(folder, 'notes.txt'), '');
    await expect(createRecorder(folder)).rejects.toThrow(RecordFolderError);
  });

  test('is refused when it is a file', async () => {
    const folder = path.join(await mkdtemp(path.join(tmpdir(), 'record-')), 'file');
    await writeFile(folder, '');
    await expect(createRecorder(folder)).rejects.toThrow(/cannot be used/);
  });
});
