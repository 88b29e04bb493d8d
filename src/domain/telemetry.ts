import type { Notification } from '../contract/index.js';

/** A metric of ours: its name, what it says, and the labels that it carries. */
export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /**
   * Without the suffix `_total` of counters, which the exporter adds. Durations carry their unit in the
   * name, so that they are called the same whatever a host's exporter does with units.
   */
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in seconds. */
  readonly bucketsSeconds?: readonly number[];
}

/**
 * Every metric of ours. No label has an instance or a project in it: their number is bounded by the
 * words of the contract. Changing a name or a label breaks dashboards and alerts.
 */
export const METRICS = {
  /** Counted once per run, as soon as the outcome is known: UNKNOWN before its lock is kept. */
  runs: {
    kind: 'counter',
    name: 'dcs_switchover_runs',
    description: 'Runs by outcome and mode, counted as soon as the outcome is known',
    labels: ['outcome', 'mode'],
  },
  /** Counted once per maintenance, at its end; not per run of its chain. Cause: a word of the contract, or none. */
  maintenances: {
    kind: 'counter',
    name: 'dcs_switchover_maintenances',
    description: 'Maintenance runs that have ended, by outcome and cause',
    labels: ['outcome', 'cause'],
  },
  phaseDuration: {
    kind: 'histogram',
    name: 'dcs_switchover_phase_duration_seconds',
    description: 'Time that a run spent in a phase, recorded at its end',
    labels: ['phase'],
    bucketsSeconds: [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200],
  },
  puts: {
    kind: 'counter',
    name: 'dcs_switchover_puts',
    description: 'PUTs that left or may have left, by what is known of them',
    labels: ['purpose', 'answer'],
  },
  reconciliations: {
    kind: 'counter',
    name: 'dcs_switchover_reconciliations',
    description: 'Searches for the trace of an unanswered PUT, by what they found',
    labels: ['found'],
  },
  compensations: {
    kind: 'counter',
    name: 'dcs_switchover_compensations',
    description: 'Swaps back after a verified bad state, by what came of them',
    labels: ['result'],
  },
  /** Of a run that was measured: its longest one, 0 without. Bound: between min and max lies the truth. */
  writeInterruption: {
    kind: 'histogram',
    name: 'dcs_switchover_write_interruption_seconds',
    description: 'Longest time in which writes failed during a measured run, at least and at most',
    labels: ['bound'],
    bucketsSeconds: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120],
  },
  lostWrites: {
    kind: 'counter',
    name: 'dcs_switchover_lost_writes',
    description: 'Test writes that Redis had acknowledged and then lost',
    labels: [],
  },
  /** Counted once per run that sent a PUT while someone looked. */
  witnessWords: {
    kind: 'counter',
    name: 'dcs_switchover_witness_words',
    description: 'What Redis itself said of runs that sent a PUT, as a word of the contract',
    labels: ['word'],
  },
  probes: {
    kind: 'gauge',
    name: 'dcs_switchover_probes',
    description: 'Probes that this worker runs now',
    labels: [],
  },
  jobNoticeLag: {
    kind: 'histogram',
    name: 'dcs_switchover_job_notice_lag_seconds',
    description: 'How long after its end, by the clock of DCS, a job was observed to have ended',
    labels: [],
    bucketsSeconds: [0.25, 0.5, 1, 2, 3, 5, 10, 20, 60],
  },
  dcsCalls: {
    kind: 'counter',
    name: 'dcs_switchover_dcs_calls',
    description: 'HTTP calls to DCS by operation and status; none: no answer',
    labels: ['operation', 'status'],
  },
  dcsCallDuration: {
    kind: 'histogram',
    name: 'dcs_switchover_dcs_call_duration_seconds',
    description: 'Time from a call to DCS to its answer or failure',
    labels: ['operation'],
    bucketsSeconds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
  },
  /** Cause: quota (a 429 was answered) or pace (the limit of the settings, or one that a 429 taught). */
  dcsTurnWait: {
    kind: 'histogram',
    name: 'dcs_switchover_dcs_turn_wait_seconds',
    description:
      'Time that a reading waited for its turn, by what it waited for and what came of it',
    labels: ['cause', 'result'],
    bucketsSeconds: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900],
  },
  /** Result: delivered; missed, of one that is posted once; lost, of one that had to be delivered. */
  notifications: {
    kind: 'counter',
    name: 'dcs_switchover_notifications',
    description: 'Notifications for the webhook by what came of them',
    labels: ['result'],
  },
  /** As `freeze --show` says it. */
  freezeInForce: {
    kind: 'gauge',
    name: 'dcs_switchover_freeze_in_force',
    description: 'Whether a freeze is in force in the namespace: 1 or 0',
    labels: [],
  },
  /** As `list --unresolved` counts them. */
  unresolvedInstances: {
    kind: 'gauge',
    name: 'dcs_switchover_unresolved_instances',
    description:
      'Instances of the namespace whose next switchover is refused until someone has found out',
    labels: [],
  },
  namespaceRead: {
    kind: 'gauge',
    name: 'dcs_switchover_namespace_read_timestamp_seconds',
    description:
      'When this worker last read the gauges of the namespace, epoch seconds by its clock',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;

/**
 * The sink by which workflow code reports its worker: costs no history, and is silent on replay. A worker that
 * has none logs an error for each reporting; `switchoverWorkerOptions` gives it one.
 */
export type NotificationSinks = Readonly<{
  dcsSwitchoverNotifications: Readonly<{
    /** Takes it over, without waiting for anyone. */
    tell: (notification: Notification) => void;
  }>;
}>;
