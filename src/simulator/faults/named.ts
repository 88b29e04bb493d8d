/** Faults and habits by name, for whoever wants to see what a switchover does about them. */
import type { QuotaSpec } from '../gateway/quota.js';
import type { Habits } from '../habits.js';

import type { FaultSpec } from './spec.js';

/** Something that the service does wrong or unlike elsewhere. */
export interface NamedFault {
  /** What the service does, as a clause. */
  readonly about: string;
  /** How a switchover ends while it is the only one. */
  readonly outcome: 'SUCCEEDED' | 'REFUSED' | 'FAILED_UNCHANGED' | 'COMPENSATED' | 'UNKNOWN';
  readonly faults?: readonly FaultSpec[];
  readonly habits?: Partial<Habits>;
  readonly quota?: QuotaSpec;
}

/** Every other call, the first included: what comes right after it is not hit as well. */
const EVERY_OTHER = Array.from({ length: 500 }, (_, index) => 2 * index + 1);

const REFUSED_READ = { status: 503, message: 'The service is busy.' };

/** All of them, by name. */
export const NAMED_FAULTS = {
  'lost-answers': {
    about: 'the PUT is carried out, its answer is lost',
    outcome: 'SUCCEEDED',
    faults: [{ route: 'asyncSwap', reset: 'after' }],
  },
  'lost-requests': {
    about: 'the connection breaks, the PUT is not carried out',
    outcome: 'UNKNOWN',
    faults: [{ route: 'asyncSwap', reset: 'before' }],
  },
  'slow-jobs': {
    about: 'a job takes half a minute',
    outcome: 'SUCCEEDED',
    faults: [{ route: 'asyncSwap', job: { runMs: 30_000 } }],
  },
  'failing-jobs': {
    about: 'the job fails, the roles stay',
    outcome: 'FAILED_UNCHANGED',
    faults: [
      { route: 'asyncSwap', job: { outcome: 'FAIL', failReason: 'The replica lags behind.' } },
    ],
  },
  'idle-jobs': {
    about: 'the job succeeds, the roles stay',
    outcome: 'UNKNOWN',
    faults: [{ route: 'asyncSwap', job: { changesRoles: false } }],
  },
  'sick-masters': {
    about: 'every other swap leaves a master that is Inactive',
    outcome: 'COMPENSATED',
    faults: [{ route: 'asyncSwap', calls: EVERY_OTHER, job: { newMasterStatus: 'Inactive' } }],
  },
  'foreign-swaps': {
    about: 'another operator swaps right before each PUT',
    outcome: 'UNKNOWN',
    faults: [{ route: 'asyncSwap', foreignSwapBefore: true }],
  },
  busy: {
    about: 'every other PUT meets an instance that is busy',
    outcome: 'SUCCEEDED',
    faults: [
      {
        route: 'asyncSwap',
        calls: EVERY_OTHER,
        respond: {
          status: 400,
          shape: 'dcs',
          code: 'DCS.4049',
          message: 'The instance status is not running.',
        },
      },
    ],
  },
  throttling: {
    about: '10 readings in 10 seconds, then 429',
    outcome: 'SUCCEEDED',
    quota: { reads: '10/10s' },
  },
  outages: {
    about: 'every other reading is answered 503',
    outcome: 'SUCCEEDED',
    faults: (['showInstance', 'listNodes', 'showJob'] as const).map((route) => ({
      route,
      calls: EVERY_OTHER,
      respond: REFUSED_READ,
    })),
  },
  'stale-roles': {
    about: 'lists show a swap of roles three seconds late',
    outcome: 'SUCCEEDED',
    habits: { staleRoleViewsMs: 3000 },
  },
  'late-tasks': {
    about: 'a swap appears in the task lists three seconds late',
    outcome: 'SUCCEEDED',
    habits: { taskRowDelayMs: 3000 },
  },
  'moving-ids': {
    about: 'ids of nodes belong to the roles, not to the nodes',
    outcome: 'UNKNOWN',
    habits: { nodeIds: 'follow-role', replicationIds: 'follow-role' },
  },
  'dark-addresses': {
    about: 'the address is silent for two seconds of a swap',
    outcome: 'SUCCEEDED',
    faults: [{ route: 'asyncSwap', redis: { blackholeMs: 2000 } }],
  },
  'lost-writes': {
    about: 'a swap loses the last second of writes',
    outcome: 'SUCCEEDED',
    faults: [{ route: 'asyncSwap', redis: { promotion: 'abrupt', loseMs: 1000 } }],
  },
  'no-swap-api': {
    about: 'the region does not have the operation',
    outcome: 'FAILED_UNCHANGED',
    habits: { asyncSwap: 'missing' },
  },
} as const satisfies Readonly<Record<string, NamedFault>>;

/** Name of one of them. */
export type FaultName = keyof typeof NAMED_FAULTS;

/** Whether it is the name of one. */
export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(NAMED_FAULTS, name);
}

/** What one or several of them set. */
export type CombinedFaults = Required<Pick<NamedFault, 'faults' | 'habits' | 'quota'>>;

const NOTHING: CombinedFaults = { faults: [], habits: {}, quota: {} };

/** What several of them are together; of two that set the same the later one counts. */
export function combineFaults(names: readonly FaultName[]): CombinedFaults {
  return names.reduce((all, name) => {
    const one: CombinedFaults = { ...NOTHING, ...NAMED_FAULTS[name] };
    return {
      faults: [...all.faults, ...one.faults],
      habits: { ...all.habits, ...one.habits },
      quota: { ...all.quota, ...one.quota },
    };
  }, NOTHING);
}
