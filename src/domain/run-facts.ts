/** What a history of `dcsSwitchover` says of its run, as plain facts. Pure. */
import type { Mode, SwitchoverRequest, SwitchoverResult } from '../contract/index.js';

import type { JobReport, Observation, SwapCall } from './reports.js';

/** One execution of the swap activity, as the history proves it. */
export interface PutFacts {
  readonly purpose: SwapCall['purpose'];
  readonly state: 'accepted' | 'possibly-sent' | 'not-applied';
  /** 1 where it was, or may have been, handed to a socket. */
  readonly sent: number;
  readonly scheduledAtMs: number;
  /** Last instant at which it might leave, by its own call; `null`: the call does not say. */
  readonly notAfterMs: number | null;
  readonly executions: number;
  /** Whether its own report says that it was handed to a socket. */
  readonly hasLeft: boolean;
  /** Why it must not leave, by what Redis showed before it and may judge, as text; `null`: nothing stands against it. */
  readonly redisVeto: string | null;
}

/** What a history says of one run. Times in epoch milliseconds, by Temporal's clock. */
export interface RunFacts {
  readonly runId: string;
  readonly mode: Mode;
  readonly startedAtMs: number;
  /** When a reset has made it of an earlier run, with whose events its history begins; `null`: none has. */
  readonly resetAtMs: number | null;
  /** `null` while the run is open. */
  readonly closedAtMs: number | null;
  readonly ended: 'open' | 'completed' | 'failed' | 'cancelled' | 'from-outside';
  /** With which it ended; `null`: none. */
  readonly failureType: string | null;
  /** As the pre-check understood it; `null` where it did not come to that. */
  readonly request: SwitchoverRequest | null;
  /** Whether the pre-check let the run go on to its PUT. */
  readonly mayProceed: boolean;
  readonly puts: readonly PutFacts[];
  readonly jobs: readonly Partial<JobReport>[];
  /** The last that was seen of the roles after a PUT; `null`: nothing. */
  readonly observation: Partial<Observation> | null;
  /** What the run reported at its end; `null`: nothing. */
  readonly result: Partial<SwitchoverResult> | null;
  /** Everything that stands in the history, as text. */
  readonly text: string;
}
