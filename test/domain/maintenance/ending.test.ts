/** What a maintenance keeps of the words of a switchover. */
import { describe, expect, test } from '@jest/globals';

import { commandsOf, joinText, withCommands } from '../../../src/domain/commands.js';
import { clipMessage } from '../../../src/domain/maintenance/ending.js';

const LINE = `dcs-switchover switch 1 --timing ${'a=1 '.repeat(90).trim()}`;

describe('a message that is too long to be kept', () => {
  test('loses its commands first: half of one would be another command', () => {
    const message = joinText(['Every check passed.', withCommands('Switch over', LINE, LINE)]);
    expect(commandsOf(message)).toHaveLength(2);
    expect(clipMessage(message)).toBe('Every check passed.');
  });

  test('is cut where it has none, and not within a character', () => {
    const clipped = clipMessage('😀'.repeat(1_000));
    expect(clipped).toMatch(/^(?:😀)+…$/u);
    expect(clipMessage(clipped)).toBe(clipped);
  });

  test('is kept whole where it fits', () => {
    const message = joinText(['Look.', withCommands('Look', 'dcs-switchover status 1')]);
    expect(clipMessage(message)).toBe(message);
  });
});
