/** What a maintenance keeps and says of what its switchovers cost. */
import { describe, expect, test } from '@jest/globals';

import type { Leg, LegFigures } from '../../../src/contract/index.js';
import { toLegEnding } from '../../../src/domain/maintenance/ending.js';
import {
  describeFigures,
  describeTotalFigures,
  figuresOfItem,
} from '../../../src/domain/maintenance/figures.js';
import { item, leg } from '../../cli/support/maintenance-facts.js';
import { result } from '../../client/support/facts.js';
import { calmLane, lane, measured, witnessOnly } from '../../support/data-plane.js';

const FIGURES: LegFigures = { minMs: 361, maxMs: 701, lostWrites: 0, coverage: 'whole' };

const kept = (dataPlane?: Parameters<typeof measured>[0] | null): LegFigures | undefined =>
  toLegEnding({
    kind: 'reported',
    result: result(dataPlane === null ? {} : { dataPlane: measured(dataPlane) }),
  }).figures;

const cost = (figures: Partial<LegFigures>, changes: Partial<Leg> = {}): Leg =>
  leg({ figures: { ...FIGURES, ...figures }, ...changes });

describe('a maintenance keeps of a switchover', () => {
  test('the longest interruption, the lost writes, and how much was seen', () => {
    expect(kept({})).toEqual(FIGURES);
    expect(kept({ write: calmLane() })).toEqual({ ...FIGURES, minMs: 0, maxMs: 0 });
    expect(kept({ coverage: 'begins-late' })).toMatchObject({ coverage: 'begins-late' });
  });

  test('those of the reads where no write was measured', () => {
    expect(kept({ write: null, read: lane(), lostWrites: null })).toEqual({
      ...FIGURES,
      lostWrites: null,
    });
  });

  test('nothing where nothing was measured', () => {
    expect(kept(null)).toBeUndefined();
    expect(kept(witnessOnly())).toBeUndefined();
    expect(kept({ write: null, read: null })).toBeUndefined();
    expect(kept({ state: 'not-measured', why: 'the worker was lost' })).toBeUndefined();
  });

  test('so little that a thousand fit into one payload', () => {
    expect(JSON.stringify(kept({})).length).toBeLessThan(100);
  });
});

describe('what is said of it', () => {
  test('is never better than what was seen', () => {
    expect(describeFigures(FIGURES)).toBe('0.36–0.71 s, 0 lost');
    expect(describeFigures({ ...FIGURES, minMs: 0, maxMs: 0, coverage: 'begins-late' })).toBe(
      'none, 0 lost (not all seen)',
    );
    expect(describeFigures({ ...FIGURES, lostWrites: null })).toBe('0.36–0.71 s');
  });

  test('has both legs of an item, and nothing of one that was not measured', () => {
    const back = cost({ minMs: 100, maxMs: 150 }, { leg: 'return' });
    expect(figuresOfItem(item(1, cost({}), back))).toBe('0.36–0.71 s / 0.10–0.15 s, 0 lost');
    expect(figuresOfItem({ ...item(1), return: back })).toBe('- / 0.10–0.15 s, 0 lost');
    expect(figuresOfItem(item(1))).toBeNull();
  });

  test('adds up what both legs lost, and does not hide that one was not seen whole', () => {
    const back = cost({ lostWrites: 2, coverage: 'begins-late' }, { leg: 'return' });
    const said = figuresOfItem(item(1, cost({ lostWrites: 3 }), back));
    expect(said).toBe('0.36–0.71 s / 0.36–0.71 s, 5 lost (not all seen)');
  });

  test('has the longest of all, the sum of the losses, and how many were not measured', () => {
    const items = [item(1, cost({ maxMs: 900, lostWrites: 3 })), item(2, cost({})), item(3)];
    expect(describeTotalFigures(items)).toBe(
      'longest 0.36–0.90 s, 3 test writes lost, 2 of 3 switchovers measured',
    );
    expect(describeTotalFigures([item(1)])).toBeNull();
  });

  test('leaves out switchovers that sent nothing, and names no length where there was no interruption', () => {
    const calm = cost({ minMs: 0, maxMs: 0 });
    expect(describeTotalFigures([item(1, calm), item(2, leg({ swapsSent: 0 }))])).toBe(
      'none, 0 test writes lost, 1 of 1 switchover measured',
    );
  });
});
