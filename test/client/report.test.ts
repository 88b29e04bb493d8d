import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { defaultDataConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';

import { toPutRecords } from '../../src/client/switchover/report.js';
import { toRunHistory } from '../../src/temporal/run-history.js';

/** The PUTs of a recorded run. */
async function putsIn(name: string) {
  const file = path.join(__dirname, `../replay/histories/${name}.json`);
  const { events } = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
  const loadedDataConverter = { ...defaultDataConverter, payloadCodecs: [] };
  const decoding = { options: { namespace: 'default', loadedDataConverter } };
  return toPutRecords(await toRunHistory(decoding, 'w', events ?? []));
}

describe('the PUTs of a report', () => {
  test('are those of the history, with their purpose, job and request id', async () => {
    const puts = await putsIn('compensated-new-master-inactive');
    const isId: unknown = expect.stringMatching(/^[0-9a-f-]{32,36}$/);
    expect(puts).toMatchObject([
      { purpose: 'forward', state: 'accepted', jobId: isId, requestId: isId, detail: null },
      { purpose: 'compensate', state: 'accepted', jobId: isId, requestId: isId, detail: null },
    ]);
    const [forward, back] = puts;
    expect(Date.parse(forward?.endedAt ?? '')).toBeLessThan(Date.parse(back?.scheduledAt ?? ''));
  });

  test('are none of a run that was refused', async () => {
    expect(await putsIn('refused-checks-failed')).toEqual([]);
  });

  test('show what was answered that it did nothing apart from what never left', async () => {
    const refused = await putsIn('refused-last-moment-check-failed');
    expect(refused.map(({ state }) => state)).toEqual(['not-sent']);
    const failed = await putsIn('failed-unchanged-not-applied');
    expect(new Set(failed.map(({ state }) => state))).toEqual(new Set(['not-applied']));
    for (const { detail } of [...refused, ...failed]) expect(detail).not.toBeNull();
  });
});
