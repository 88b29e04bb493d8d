/** What a receiver gets is a CloudEvent 1.0, however large what was reported. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';

import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { Notification } from '../../src/contract/index.js';
import { MAX_BODY_BYTES } from '../../src/notifications/cloud-event.js';
import { toCloudEvent, toLetter } from '../../src/notifications/index.js';

const ORIGIN = { namespace: 'ops team', workflowId: 'dcs-switchover:p:i', runId: 'run-1' };

const notification = (data: Notification['data'] = {}): Notification => ({
  type: NOTIFICATION_TYPES.switchoverPhase,
  id: 'run-1:3',
  time: '2026-12-05T01:00:00.000Z',
  data,
});

/** Required and used attributes by the specification, version 1.0.2; context attributes are texts. */
const CLOUD_EVENT = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().regex(/^(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$/),
  type: z.string().regex(/^[a-z0-9.-]+$/),
  subject: z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json'),
  data: z.record(z.string(), z.unknown()),
});

describe('a CloudEvent', () => {
  it('has the attributes of the specification, and the run as its source', () => {
    const event = toCloudEvent(ORIGIN, notification({ phase: 'SWAPPING' }));
    expect(CLOUD_EVENT.parse(event)).toStrictEqual(event);
    expect(event).toMatchObject({
      source: '/namespaces/ops%20team/workflows/dcs-switchover%3Ap%3Ai/run-1',
      subject: 'dcs-switchover:p:i',
      type: 'dcs-switchover.switchover.phase.v1',
    });
  });

  it('is whole while it is small enough', () => {
    const data = { rows: [{ instanceId: 'i' }], message: 'done' };
    const { body } = toLetter(toCloudEvent(ORIGIN, notification(data)));
    expect(JSON.parse(body)).toMatchObject({ data });
    expect(body).not.toContain('isTruncated');
  });

  it('loses its lists first, and then the ends of its texts, and says so', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => ({ instanceId: `i${index}` }));
    const wide = toLetter(toCloudEvent(ORIGIN, notification({ rows, message: 'kept' })));
    expect(JSON.parse(wide.body)).toMatchObject({ data: { message: 'kept', isTruncated: true } });
    expect(wide.body).not.toContain('i17');
    const long = { message: 'x'.repeat(100_000), outcome: 'PARTIAL' };
    const event = JSON.parse(toLetter(toCloudEvent(ORIGIN, notification(long))).body) as {
      data: { message: string; outcome: string };
    };
    expect(event.data).toMatchObject({ outcome: 'PARTIAL', isTruncated: true });
    expect(event.data.message).toHaveLength(512);
  });

  it('never is larger than its bound, and always valid', () => {
    const data = fc.dictionary(fc.string({ maxLength: 2000 }), fc.jsonValue(), { maxKeys: 100 });
    fc.assert(
      fc.property(data, fc.integer({ min: 0, max: 90_000 }), (some, size) => {
        const reported = notification({ ...some, filler: 'ü'.repeat(size) });
        const { body } = toLetter(toCloudEvent(ORIGIN, reported));
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
        expect(CLOUD_EVENT.safeParse(JSON.parse(body)).success).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
