/** Faults by name end a switchover as their table says, with the timing of the playground. */
import { describe, expect, test } from '@jest/globals';

import { combineFaults, NAMED_FAULTS } from '../../src/simulator/faults/named.js';
import type { FaultName, NamedFault } from '../../src/simulator/faults/named.js';
import { DEFAULT_TIMING } from '../../src/contract/index.js';
import { useRig } from '../support/rig.js';

const rig = useRig();

const timing = { ...DEFAULT_TIMING, coolDownSeconds: 0 };

const NAMES = Object.keys(NAMED_FAULTS) as FaultName[];
const table: Readonly<Record<FaultName, NamedFault>> = NAMED_FAULTS;

/** The quota is that of all instances. */
const ofOneInstance = NAMES.filter((name) => table[name].quota === undefined);
const ofAll = NAMES.filter((name) => table[name].quota !== undefined);

async function outcomeUnder(name: FaultName): Promise<string> {
  const { simulator, instance, run } = rig();
  const { faults, habits, quota } = combineFaults([name]);
  const one = await instance({ habits });
  for (const fault of faults) simulator.faults.add({ ...fault, instanceId: one.instanceId });
  simulator.quotas.set(quota);
  const { outcome } = await run(one, { timing });
  return outcome;
}

describe('of an instance', () => {
  test.concurrent.each(ofOneInstance)('%s', async (name) => {
    expect(await outcomeUnder(name)).toBe(table[name].outcome);
  });
});

test.each(ofAll)('of the whole service: %s', async (name) => {
  try {
    expect(await outcomeUnder(name)).toBe(table[name].outcome);
  } finally {
    rig().simulator.quotas.set({});
  }
});
