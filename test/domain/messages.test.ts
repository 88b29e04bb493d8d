import { describe, expect, it } from '@jest/globals';

import { OUTCOMES } from '../../src/contract/index.js';
import type { Check, SwitchoverStatus } from '../../src/contract/index.js';
import { toMarkdown } from '../../src/domain/details.js';
import type { MessageFacts } from '../../src/domain/message-facts.js';
import { composeMessage } from '../../src/domain/messages.js';
import type { ExaminedRun } from '../../src/domain/preflight-report.js';

import { BEFORE, INSTANCE_ID, PROJECT_ID, SWAPPED, requestOf } from './support.js';

const failedCheck: Check = {
  id: 'instance-running',
  severity: 'blocking',
  passed: false,
  observed: 'status FROZEN',
  requestId: 'request-1',
  remedy: 'Wait until the instance is RUNNING.',
};

const factsOf = (overrides: Partial<MessageFacts>): MessageFacts => ({
  outcome: 'SUCCEEDED',
  cause: 'ROLES_CHANGED',
  request: requestOf(),
  failed: [],
  swapsSent: 1,
  swapsAccepted: 1,
  jobIds: ['job-1'],
  swapRequestIds: ['request-put'],
  obstacle: null,
  runId: 'run-1',
  examined: null,
  before: BEFORE,
  after: SWAPPED,
  ...overrides,
});

const BASELINE: ExaminedRun = {
  ...{ runId: 'run-0', ended: 'UNKNOWN', purpose: 'forward', from: BEFORE, target: null },
  ...{ knownSwapTaskIds: [], sending: 'accepted', putSummary: 'PUT accepted.' },
  ...{ jobId: 'job-1', taskId: null, job: null, sentBetweenMs: null },
};

const WHICH = `${INSTANCE_ID} --project ${PROJECT_ID}`;

describe('the message of', () => {
  it.each<[string, Partial<MessageFacts>, readonly string[]]>([
    ['SUCCEEDED', {}, ['from node-a (az1, Active) to node-b (az2, Active)']],
    [
      'SUCCEEDED although the job failed',
      { cause: 'JOB_FAILED_ROLES_CHANGED' },
      ['The job itself says FAIL.'],
    ],
    [
      'NOOP',
      { outcome: 'NOOP', request: requestOf({ target: { availabilityZone: 'az1' } }) },
      ['already in AZ az1', 'Nothing was sent'],
    ],
    ['PLANNED', { outcome: 'PLANNED' }, ['nothing was sent', 'would demote node-a']],
    [
      'RESOLVED',
      {
        outcome: 'RESOLVED',
        request: requestOf({
          resolution: { outcome: 'SUCCEEDED', statement: 'seen by ROLE', resolvedBy: 'ann' },
        }),
      },
      [
        'as stated by ann: SUCCEEDED. Statement: "seen by ROLE".',
        'This run has read nothing of DCS and sent nothing.',
      ],
    ],
    [
      'RESOLVED where nothing was unresolved',
      { outcome: 'RESOLVED', isNothingUnresolved: true },
      ['There was nothing to resolve', 'Check the instance id'],
    ],
    [
      'REFUSED',
      { outcome: 'REFUSED', failed: [failedCheck] },
      [
        'Nothing was sent',
        'Check instance-running failed: status FROZEN (request id request-1)',
        'Wait until the instance is RUNNING.',
      ],
    ],
    [
      'FAILED_UNCHANGED after a refusal',
      {
        outcome: 'FAILED_UNCHANGED',
        cause: 'NOT_APPLIED',
        after: BEFORE,
        obstacle: 'PUT: 403; the credential lacks dcs:instance:swap',
      },
      ['lacks dcs:instance:swap.', 'Remedy that first; then it is safe to try again'],
    ],
    [
      'UNKNOWN that could not be read',
      { outcome: 'UNKNOWN', cause: 'ROLES_UNREADABLE', obstacle: 'GET: 401' },
      ['could not be read afterwards. The last failure was: GET: 401.'],
    ],
    [
      'FAILED_UNCHANGED',
      { outcome: 'FAILED_UNCHANGED', cause: 'JOB_FAILED', after: BEFORE },
      [
        'the job ended FAIL',
        'PUTs: 1 sent, 1 accepted',
        'still node-a',
        `\n  dcs-switchover switch ${WHICH} --toggle`,
      ],
    ],
    [
      'COMPENSATED',
      { outcome: 'COMPENSATED', cause: 'NEW_MASTER_INACTIVE', after: BEFORE },
      ['swapped back: the new master was not Active', 'again node-a'],
    ],
    [
      'UNKNOWN',
      { outcome: 'UNKNOWN', cause: 'JOB_STILL_RUNNING' },
      [
        'may still change the roles',
        'jobs: job-1',
        'replica node-a',
        'Do not switch again',
        'request ids: request-put',
        `dcs-switchover verify ${WHICH} --examined-run run-1`,
        `dcs-switchover adopt ${WHICH} --job job-1 --examined-run run-1`,
        `dcs-switchover resolve ${WHICH}`,
      ],
    ],
    [
      'UNKNOWN after a swap back',
      { outcome: 'UNKNOWN', cause: 'COMPENSATION_NO_TRACE' },
      ['the swap back was sent, but a PUT may have left'],
    ],
  ])('%s shows the verified state and what to do', (_, facts, words) => {
    const message = composeMessage(factsOf(facts));
    for (const word of words) expect(message).toContain(word);
  });

  const outcomes = OUTCOMES.filter((outcome) => outcome !== 'INVALID_INPUT');
  const CAUSES = [
    'JOB_STILL_RUNNING',
    'ROLES_UNREADABLE',
    'COMPENSATION_NOT_HEALTHY',
    'SOMETHING_NEW',
  ];

  it.each(outcomes.flatMap((outcome) => CAUSES.map((cause) => [outcome, cause] as const)))(
    '%s (%s) has no holes where nothing is known',
    (outcome, cause) => {
      const unknown = { before: null, after: null, jobIds: [], swapsSent: 0 };
      const failed = [
        { ...failedCheck, requestId: null },
        { ...failedCheck, passed: null },
      ];
      const message = composeMessage(factsOf({ outcome, cause, failed, ...unknown }));
      const sentences = message.replace(/^ {2}dcs-switchover .*$/gm, '');
      expect(sentences).not.toMatch(/undefined|null|NaN|\[object| {2}|\(\)/);
      expect(message).toMatch(/\.$|\n {2}dcs-switchover .*[^.]$/);
      expect(message.length).toBeLessThan(1_200);
    },
  );

  it('a refusal by several checks gives each of them a line', () => {
    const other = { ...failedCheck, id: 'cool-down' as const, observed: 'last swap 9 s ago' };
    const facts = factsOf({ outcome: 'REFUSED', failed: [failedCheck, other] });
    const [first, ...lines] = composeMessage(facts).split('\n');
    expect(first).toBe('Nothing was sent.');
    expect(lines[0]).toMatch(/^Check instance-running failed: .*\.$/);
    expect(lines[1]).toMatch(/^Check cool-down failed: .*\.$/);
  });

  it('a refusal leaves out what could not be checked', () => {
    const open = { ...failedCheck, id: 'one-master' as const, passed: null };
    const message = composeMessage(factsOf({ outcome: 'REFUSED', failed: [open, failedCheck] }));
    expect(message).not.toContain('one-master');
  });
});

describe('what a message asks for while a run is unresolved', () => {
  const indeterminate = (facts: Partial<MessageFacts>): string =>
    composeMessage(factsOf({ outcome: 'UNKNOWN', cause: 'NO_TRACE', jobIds: [], ...facts }));

  it.each(['FOREIGN_SWAP', 'CHANGED_LATER', 'OFF_TARGET', 'COMPENSATION_FOREIGN_SWAP'])(
    'after %s is no reading again, which would say the same',
    (cause) => {
      for (const mode of ['switch', 'verify', 'adopt'] as const) {
        const text = indeterminate({
          ...{ cause, request: requestOf({ mode }), jobIds: ['job-1'] },
          examined: mode === 'switch' ? null : BASELINE,
        });
        expect(text).not.toMatch(/dcs-switchover (?:verify|adopt)/);
        expect(text).toContain(`\n  dcs-switchover resolve ${WHICH} --outcome OUTCOME`);
      }
    },
  );

  it('is to look again later where someone has looked in vain', () => {
    const request = requestOf({ mode: 'verify' });
    const examined = indeterminate({ request, examined: BASELINE });
    expect(examined).toContain('Look again later:\n  dcs-switchover verify');
    expect(indeterminate({})).toContain('Find out:\n  dcs-switchover verify');
  });

  it('is no job to wait for where no PUT can have started one', () => {
    const unsent = { swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 0 };
    expect(indeterminate(unsent)).not.toContain('adopt');
    expect(indeterminate(unsent)).toContain(`dcs-switchover verify ${WHICH} --examined-run run-1`);
    expect(indeterminate({ ...unsent, swapsPossiblySent: 1 })).toContain('--job JOB_ID');
    expect(indeterminate({ ...unsent, swapsAccepted: 1, jobIds: ['job-1'] })).toContain(
      '--job job-1',
    );
    const held: SwitchoverStatus = {
      ...{ phase: 'HOLDING', since: 's', next: 'n', swapsSent: 1, jobIds: [] },
    };
    const ref = { projectId: PROJECT_ID, instanceId: INSTANCE_ID };
    const run = { ...ref, mode: 'switch', runId: 'run-1' } as const;
    expect(toMarkdown({ ...held, swapsPossiblySent: 0 }, [], [], run)).not.toContain('adopt');
    expect(toMarkdown({ ...held, swapsPossiblySent: 1 }, [], [], run)).toContain('JOB_ID');
  });
});

describe('the details for the Temporal UI', () => {
  const status: SwitchoverStatus = {
    phase: 'AWAITING_JOB',
    since: '2026-01-01T00:00:00Z',
    next: 'wait for the job',
    swapsSent: 1,
    jobIds: ['job-1'],
    before: BEFORE,
  };

  it('show phase, next step, PUTs, jobs, roles and warnings', () => {
    const text = toMarkdown(status, [{ at: 'T1', what: 'sent' }], ['careful']);
    for (const word of [
      '**AWAITING_JOB**',
      'wait for the job',
      '1 · **jobs:** job-1',
      '- **master** `node-a` in az1, Active',
      '- careful',
      '- T1 sent',
    ])
      expect(text).toContain(word);
    expect(text).not.toContain('**Now**');
  });

  const run = {
    instanceId: INSTANCE_ID,
    projectId: PROJECT_ID,
    mode: 'switch',
    runId: 'run-1',
  } as const;

  it.each<[SwitchoverStatus['phase'], string, string]>([
    ['PREFLIGHT', 'cancel: nothing has been sent', `dcs-switchover cancel ${WHICH} --run run-1`],
    ['SWAPPING', 'cancel until the PUT passes its fence', 'dcs-switchover cancel'],
    ['AWAITING_JOB', 'Never Terminate or Reset', 'dcs-switchover status'],
    ['HOLDING', 'never Terminate', `dcs-switchover verify ${WHICH} --examined-run run-1`],
    ['ENDED', 'act on the message', 'dcs-switchover history'],
  ])('say what a person may do in %s', (phase, words, command) => {
    const text = toMarkdown({ ...status, phase }, [], [], run);
    expect(text).toContain(words);
    expect(text).toContain(command);
  });

  it.each<SwitchoverStatus['phase']>(['PREFLIGHT', 'HOLDING', 'ENDED'])(
    'keep every command of %s in code, because the UI makes dashes of "--" elsewhere',
    (phase) => {
      const next = `Find out:\n  dcs-switchover verify ${WHICH} --examined-run run-1\nThen go on.`;
      const text = toMarkdown({ ...status, phase, next }, [{ at: 'T1', what: next }], [next], run);
      expect(text).toContain('--examined-run run-1`\nThen go on.');
      const prose = text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
      expect(prose).not.toMatch(/--\w/);
    },
  );

  it('have no command before the ids in it are known to be ids', () => {
    expect(toMarkdown({ ...status, phase: 'PREFLIGHT' }, [], [])).not.toContain('dcs-switchover');
  });

  it('say that a run that only reads may be cancelled at any time', () => {
    expect(toMarkdown(status, [], [], { ...run, mode: 'verify' })).toContain('at any time');
  });

  it('show the outcome once there is one, and only the latest evidence', () => {
    const evidence = Array.from({ length: 20 }, (_, index) => ({
      at: 'T',
      what: `step ${index}.`,
    }));
    const text = toMarkdown({ ...status, outcome: 'UNKNOWN', after: SWAPPED }, evidence, []);
    expect(text).toContain('**UNKNOWN**');
    expect(text).toContain('**Now**');
    expect(text).toContain('step 19.');
    expect(text).not.toContain('step 11.');
    expect(text).not.toContain('Warnings');
  });
});
