import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { CloudEvent } from '../../src/contract/index.js';

/** Some event; its number makes its id. */
export const eventOf = (n: number): CloudEvent => ({
  specversion: '1.0',
  id: `run:${n}`,
  source: '/namespaces/default/workflows/w/run',
  type: NOTIFICATION_TYPES.switchoverPhase,
  subject: 'dcs-switchover:p:i',
  time: '2026-12-05T01:00:00.000Z',
  datacontenttype: 'application/json',
  data: { phase: 'SWAPPING' },
});
