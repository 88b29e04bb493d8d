/** What a receiver gets is a CloudEvent 1.0, however large what was reported. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';

import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { Notification } from '../../src/contract/index.js';
import { describeDataPlane } from '../../src/domain/data-plane-text.js';
import { MAX_BODY_BYTES } from '../../src/notifications/cloud-event.js';
import { WEBHOOK_FORMATS, toCloudEvent } from '../../src/notifications/index.js';
import type { WebhookFormat } from '../../src/notifications/index.js';
import { measured } from '../support/data-plane.js';

const ORIGIN = { namespace: 'ops team', workflowId: 'dcs-switchover:p:i', runId: 'run-1' };

const notification = (data: Notification['data'] = {}): Notification => ({
  type: NOTIFICATION_TYPES.switchoverPhase,
  id: 'run-1:3',
  time: '2026-12-05T01:00:00.000Z',
  data,
});

const bodyOf = (data: Notification['data'], format: WebhookFormat = 'cloudevents'): string =>
  WEBHOOK_FORMATS[format].toBody(toCloudEvent(ORIGIN, notification(data)));

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
    const body = bodyOf(data);
    expect(JSON.parse(body)).toMatchObject({ data });
    expect(body).not.toContain('isTruncated');
  });

  it('loses its lists first, and then the ends of its texts, and says so', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => ({ instanceId: `i${index}` }));
    const wide = bodyOf({ rows, message: 'kept' });
    expect(JSON.parse(wide)).toMatchObject({ data: { message: 'kept', isTruncated: true } });
    expect(wide).not.toContain('i17');
    const long = { message: 'x'.repeat(100_000), outcome: 'PARTIAL' };
    const event = JSON.parse(bodyOf(long)) as {
      data: { message: string; outcome: string };
    };
    expect(event.data).toMatchObject({ outcome: 'PARTIAL', isTruncated: true });
    expect(event.data.message).toHaveLength(512);
  });

  it('never is larger than its bound, and always valid', () => {
    const data = fc.dictionary(fc.string({ maxLength: 2000 }), fc.jsonValue(), { maxKeys: 100 });
    fc.assert(
      fc.property(data, fc.integer({ min: 0, max: 90_000 }), (some, size) => {
        const body = bodyOf({ ...some, filler: 'ü'.repeat(size) });
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
        expect(CLOUD_EVENT.safeParse(JSON.parse(body)).success).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a chat message', () => {
  const textOf = (data: Notification['data']): unknown =>
    (JSON.parse(bodyOf(data, 'slack')) as Record<string, unknown>)['text'];

  it('says what happened, to which instance, and what to do, with its commands as code', () => {
    const about = { instanceId: '5560df16-cebf-4473-95c4-d1b573c16e79', instanceName: 'cart' };
    const message = 'Nothing was sent.\nLook:\n  dcs-switchover plan 5560df16';
    expect(textOf({ ...about, outcome: 'REFUSED', cause: 'CHECK_FAILED', message })).toBe(
      [
        '*REFUSED (CHECK_FAILED)* cart (5560df16…)',
        ...['Nothing was sent.', 'Look:', '`dcs-switchover plan 5560df16`'],
      ].join('\n'),
    );
  });

  it('says what Redis itself showed, where it was asked', () => {
    const dataPlane = describeDataPlane(measured());
    const about = { instanceId: 'i'.repeat(36), outcome: 'SUCCEEDED', message: 'Switched over.' };
    expect(textOf({ ...about, dataPlane })).toBe(
      [
        '*SUCCEEDED* iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii',
        'writes: interrupted 0.36–0.71 s, 0 of 166 test writes lost; reads: not interrupted; ' +
          'Redis: moved once (MOVED)',
        'Switched over.',
      ].join('\n'),
    );
  });

  it('asks for approval by the name of the maintenance', () => {
    expect(textOf({ maintenanceId: 'drain-az1', message: 'Approve.' })).toBe(
      '*APPROVAL WANTED* maintenance drain-az1\nApprove.',
    );
  });

  it('lets no text from outside mention a channel, link or forge a line', () => {
    const instanceName = '<!channel> & <https://elsewhere.example|cart>\n*SUCCEEDED*';
    const text = textOf({ instanceId: 'i'.repeat(36), instanceName, phase: 'SWAPPING' });
    expect(text).toBe(
      '*SWAPPING* &lt;!channel&gt; &amp; &lt;https://elsewhere.example|cart&gt; *SUCCEEDED* (iiiiiiii…)',
    );
  });

  it('is a text for whatever data, and never longer than Slack takes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(90_000), (some, size) => {
        const text = textOf({ message: '<'.repeat(size), ...some });
        expect(typeof text).toBe('string');
        expect((text as string).length).toBeLessThan(40_000);
      }),
      { numRuns: 50 },
    );
  });
});
