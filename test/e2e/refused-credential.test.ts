/**
 * A credential that is refused twice in a row is not sent again for 30 s, by anyone in that worker. So each
 * of these tests has a worker to itself: beside others it would hold up their calls as well.
 */
import { describe, expect, test } from '@jest/globals';

import { useRig } from '../support/rig.js';

const respond = { status: 401, shape: 'gateway' } as const;

describe('while nothing was sent', () => {
  const rig = useRig();

  test('a reading that stays 401 is asked twice, not more, and the run is REFUSED', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'showInstance', instanceId, respond });
    expect((await rig().run(instance)).outcome).toBe('REFUSED');
    expect(rig().simulator.ledger.count('showInstance', instanceId)).toBe(2);
  });
});

describe('at the swap', () => {
  const rig = useRig();

  test('a 401 that stays is sent twice; with the roles read in between: FAILED_UNCHANGED', async () => {
    const instance = await rig().instance();
    const { instanceId } = instance;
    rig().simulator.faults.add({ route: 'asyncSwap', instanceId, respond });
    const { outcome } = await rig().run(instance);
    expect(outcome).toBe('FAILED_UNCHANGED');
    const puts = rig().simulator.ledger.puts(instanceId);
    expect(puts.map(({ executed }) => executed)).toEqual([false, false]);
  });
});
