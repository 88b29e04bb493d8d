import { describe, expect, it } from '@jest/globals';

import { clipMessage } from '../../src/domain/maintenance/ending.js';
import { readHookAnswer } from '../../src/domain/maintenance/children.js';
import { readAskedRequest } from '../../src/domain/goal.js';
import { echoOf, oneLine, pickIds } from '../../src/domain/text.js';
import { clip, fieldsOf, isRecord, textOf } from '../../src/util.js';

/** Two units of a string, one character: what is cut in between is no text. */
const PADLOCK = '🔒';

describe('a long text of another client is cut between characters', () => {
  it.each<[string, (text: string) => string | null]>([
    ['anywhere', (text) => clip(text, 600)],
    ['in the message of a switchover', clipMessage],
    ['in the reason of a hook', (reason) => readHookAnswer({ answer: 'skip', reason }).reason],
    ['in an input that no one has validated', (id) => echoOf({ id }, 'id')],
    ['in the ids of one', (requestId) => pickIds({ requestId }).requestId],
  ])('%s', (_, cut) => {
    for (const before of ['', 'x'])
      expect(cut(before + PADLOCK.repeat(400))).toMatch(/^x?(?:🔒)+…$/u);
  });

  it('and loses its commands first: half of one would be another', () => {
    const message = `Outcome unknown. ${'x'.repeat(580)} Find out:\n  dcs-switchover verify --run 1`;
    expect(clipMessage(message)).not.toContain('dcs-switchover');
  });
});

describe('foreign data', () => {
  it.each([[['a']], ['text'], [null], [undefined], [1]])('%p has no fields', (value) => {
    expect(isRecord(value)).toBe(false);
    expect(fieldsOf(value)).toEqual({});
  });

  it.each([[''], [' \n'], [null], [undefined], [1], [{}]])('%p is no text', (value) => {
    expect(textOf(value)).toBeNull();
  });

  it('is shown as it is compared: without the spaces around it', () => {
    expect(textOf(' CHG-1 ')).toBe(readAskedRequest({ requestId: ' CHG-1 ' }).requestId);
  });

  it('stays on its line, whatever breaks are in it', () => {
    expect(oneLine(' ann\r\n\u2028 lee\n')).toBe('ann lee');
  });
});
