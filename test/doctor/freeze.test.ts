/** What the doctor says of a freeze. */
import { describe, expect, test } from '@jest/globals';

import { judgeFreeze } from '../../src/doctor/temporal-service.js';
import { UNREADABLE_FREEZE } from '../../src/domain/freeze.js';

const FREEZE = { until: '2026-12-24T06:00:00Z', by: 'ann', reason: 'quarter end' };
const END_MS = Date.parse(FREEZE.until);

describe('a freeze', () => {
  test('that is in force is a warning with its words and the forward leg', () => {
    const finding = judgeFreeze(FREEZE, END_MS - 1);
    expect(finding).toMatchObject({ id: 'freeze', status: 'warn' });
    expect(finding.found).toMatch(/until 2026-12-24T06:00:00Z by ann \(quarter end\)/);
    expect(finding.fix).toContain('dcs-switchover thaw');
  });

  test('that is over but open says that no worker has ended it', () => {
    const finding = judgeFreeze(FREEZE, END_MS + 15 * 60_000);
    expect(finding.found).toContain('over since 2026-12-24T06:00:00Z');
    expect(finding.fix).toContain('Start a worker');
  });

  test('whose words cannot be read counts as in force', () => {
    expect(judgeFreeze(UNREADABLE_FREEZE).found).toContain('in force');
  });
});
