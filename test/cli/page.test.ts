import { describe, expect, test } from '@jest/globals';

import { fields, headline, renderPage } from '../../src/cli/format/page.js';
import { formatResult } from '../../src/cli/format/run.js';
import { COLOURED, stateCell } from '../../src/cli/format/tones.js';
import { painterFor } from '../../src/cli/output.js';
import { OUTCOMES } from '../../src/contract/index.js';
import { runCli } from '../../src/cli/program.js';
import { result } from '../client/support/facts.js';

import { RUN_ID, createFakeClient } from './support/fake-client.js';
import { createFakeIo } from './support/fake-io.js';
import { plain } from './support/plain.js';

const INSTANCE = '22222222-2222-4222-8222-222222222222';
const ESCAPE = '\u001B[';
const RED_BOLD = `${ESCAPE}31m${ESCAPE}1m`;

const MESSAGE = [
  'The roles have changed. Do not switch again before you know.',
  'Find out:',
  '  dcs-switchover verify i --examined-run r',
  'If that stays UNKNOWN, record what you found:',
  '  dcs-switchover resolve i --by NAME',
].join('\n');

const PAGE = [headline('UNKNOWN', 'NO_TRACE', MESSAGE), fields(['PUTs', '1 sent'])];

describe('a page', () => {
  test('begins with the headline where a program reads it', () => {
    expect(plain(PAGE)).toBe(`UNKNOWN (NO_TRACE)\n${MESSAGE}\n\nPUTs  1 sent`);
  });

  test('ends on a terminal with the headline and one command, its other steps above', () => {
    expect(plain(PAGE, 80)).toBe(
      [
        'PUTs  1 sent',
        '',
        'If that stays UNKNOWN, record what you found:',
        '  dcs-switchover resolve i --by NAME',
        '',
        'UNKNOWN (NO_TRACE)',
        'The roles have changed. Do not switch again before you know.',
        'Find out:',
        '  dcs-switchover verify i --examined-run r',
      ].join('\n'),
    );
  });

  test('leaves out what only fits a wide terminal, and never cuts it', () => {
    const page = [fields(['run', 'r'], ['workflow', 'w'.repeat(70), 'wide'])];
    expect(plain(page, 79)).toBe('run  r');
    expect(plain(page, 80)).toContain('w'.repeat(70));
    expect(plain(page)).toContain('w'.repeat(70));
  });

  test('has no code of a text of other people, whatever is coloured', () => {
    const page = [headline('REFUSED', null, 'by \u001B[32mme')];
    const { rendered } = renderPage(page, { columns: 80, paint: COLOURED });
    expect(rendered).toBe(`${ESCAPE}33mREFUSED${ESCAPE}39m\nby \\u001b[32mme\n`);
  });
});

describe('colours', () => {
  test('every outcome has a tone, and REFUSED is not as alarming as UNKNOWN', () => {
    const tones = new Map(OUTCOMES.map((outcome) => [outcome, stateCell(outcome).tone]));
    expect([...tones.values()]).not.toContain(null);
    expect([tones.get('REFUSED'), tones.get('UNKNOWN')]).toEqual(['caution', 'alarm']);
  });

  test('columns stay under each other, whatever is coloured', () => {
    const page = formatResult(result(), { workflowId: 'w', runId: RUN_ID });
    const coloured = renderPage(page, { columns: 80, paint: COLOURED }).rendered.trimEnd();
    // eslint-disable-next-line no-control-regex -- the codes are what is taken out
    expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(plain(page, 80));
    expect(coloured).not.toBe(plain(page, 80));
  });

  test.each([
    [{}, true, undefined, true],
    [{}, false, undefined, false],
    [{ NO_COLOR: '1' }, true, undefined, false],
    [{ NO_COLOR: '' }, true, undefined, true],
    [{ FORCE_COLOR: '1' }, false, undefined, true],
    [{ FORCE_COLOR: '0' }, true, undefined, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, undefined, false],
    [{ NO_COLOR: '1' }, false, 'always', true],
    [{ FORCE_COLOR: '1' }, true, 'never', false],
  ] as const)('with %j, terminal %j, --color %j: %j', (env, isTerminal, color, isColoured) => {
    expect(painterFor({ env }, isTerminal, color) === COLOURED).toBe(isColoured);
  });

  test('are on a terminal alone, and never in data', async () => {
    const show = async (isTerminal: boolean, ...more: readonly string[]): Promise<string> => {
      const io = createFakeIo({ isTerminal, isDataShown: isTerminal });
      const unknown = { outcome: 'UNKNOWN', message: 'No one knows.' } as const;
      const client = createFakeClient({ result: () => Promise.resolve(result(unknown)) });
      await runCli(['wait', INSTANCE, ...more], io, client);
      return io.stdout();
    };
    expect(await show(true)).toContain(`${RED_BOLD}UNKNOWN`);
    expect(await show(false)).not.toContain(ESCAPE);
    expect(await show(true, '--color', 'never')).not.toContain(ESCAPE);
    expect(await show(true, '-o', 'json', '--color', 'always')).not.toContain(ESCAPE);
  });
});
