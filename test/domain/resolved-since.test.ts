import { describe, expect, it } from '@jest/globals';

import { joinText, unresolvedCommands } from '../../src/domain/commands.js';
import { resolvedMessage } from '../../src/domain/resolved-since.js';
import type { ResolvedSince } from '../../src/domain/resolved-since.js';

const TARGET = { instanceId: 'b2', projectId: 'a1' };
const AT = '2026-11-30T06:14:15.000Z';

/** As an UNKNOWN run says it. */
const MESSAGE = joinText([
  'Outcome unknown: a PUT may have left.',
  ...unresolvedCommands(TARGET, { runId: 'r1', jobIds: [], mayHaveJob: true, cause: null }),
]);

const SEE = 'See the run that resolved it:\n  dcs-switchover status b2 --project a1 --run r2';

const say = (
  changes: Partial<ResolvedSince>,
  speaker: Parameters<typeof resolvedMessage>[3] = { mode: 'switch' },
): string => {
  const resolved: ResolvedSince = {
    ...{ how: 'examined', outcome: 'SUCCEEDED', runId: 'r2', endedAs: 'SUCCEEDED', at: AT },
    ...{ by: 'ann', statement: null },
    ...changes,
  };
  return resolvedMessage(MESSAGE, resolved, TARGET, speaker);
};

describe('an unresolved run that is resolved since says', () => {
  it('as what it was found out, when, by which run and for whom, and asks for nothing any more', () => {
    expect(say({})).toBe(
      `Resolved since: SUCCEEDED, found out at ${AT} by run r2, asked by ann.\n` +
        `At its end it said: Outcome unknown: a PUT may have left.\n${SEE}`,
    );
  });

  it('who stated it, and in which words', () => {
    const stated: Partial<ResolvedSince> = {
      ...{ how: 'stated', endedAs: 'RESOLVED', outcome: 'FAILED_UNCHANGED' },
      statement: 'Seen in\nthe console.',
    };
    expect(say(stated)).toContain(
      `Resolved since: FAILED_UNCHANGED, as stated by ann at ${AT} (run r2): "Seen in the console".\nAt its end`,
    );
  });

  it('nothing of its end where it had said nothing', () => {
    const resolved: ResolvedSince = {
      ...{ how: 'stated', outcome: null, runId: 'r2', endedAs: 'RESOLVED', at: null },
      ...{ by: null, statement: null },
    };
    expect(resolvedMessage('', resolved, TARGET, { mode: 'switch' })).toBe(
      `Resolved since: RESOLVED, as stated by an unnamed operator (run r2).\n${SEE}`,
    );
  });

  it('full stops within a statement as they were typed', () => {
    const statement = 'Seen at 10.0.0.7. In the console.';
    expect(say({ how: 'stated', statement })).toContain('"Seen at 10.0.0.7. In the console".\n');
  });

  it('how the other run ended, where that found no outcome', () => {
    expect(say({ outcome: null, endedAs: 'UNKNOWN' })).toContain('since: UNKNOWN, found');
  });

  it('that a later run counts instead, and that no one knows what it did', () => {
    expect(say({ how: 'superseded', outcome: null })).toContain(
      `Resolved since: run r2 came after it and ended SUCCEEDED at ${AT}. What the unresolved one did no one has found out.`,
    );
  });

  it('which run that is, where one speaks that has examined it in vain', () => {
    expect(say({ by: null, at: null }, { mode: 'verify', examinedRunId: 'r1' })).toContain(
      'Run r1 has been resolved since: SUCCEEDED, found out by run r2.',
    );
  });
});
