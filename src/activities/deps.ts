import type { Client } from '@temporalio/client';

import type { SearchAttributeName } from '../contract/index.js';
import type { DataPlaneSource, takeLook, tryCommands } from '../data-plane/index.js';
import type { DcsClient } from '../dcs/index.js';
import type { NodeIdentity } from '../domain/identity.js';
import type { InstancePolicy } from '../domain/policy.js';
import type { Webhook } from '../notifications/index.js';

/** A project that the worker serves. */
export interface ProjectEntry {
  readonly projectId: string;
  readonly region: string;
  readonly dcs: DcsClient;
  /** The IAM user that DCS shows in the task list for our swaps; `null` when not configured. */
  readonly taskUserName: string | null;
  /** Which of its instances may be switched; `OPEN_POLICY` allows all. */
  readonly policy: InstancePolicy;
  /** By which identifier its nodes are known again. @default "node-id" */
  readonly nodeIdentity?: NodeIdentity;
  /** When a young swap job is polled, in milliseconds after it was first waited for. @default for jobs of 1 to 8 s */
  readonly firstPollsMs?: readonly number[];
  /** How Redis behind its instances is reached. @default `null`: nothing connects to it */
  readonly dataPlane?: DataPlaneSource | null;
}

/** What the activities need from the worker that hosts them. */
export interface ActivityDeps {
  /** The project's entry; `undefined` when this worker does not serve it. */
  readonly findProject: (projectId: string) => ProjectEntry | undefined;
  /** The namespace's client: the fence before a PUT, and earlier runs. */
  readonly temporal: Client;
  /** Our search attributes that exist in the namespace, learnt at start-up. */
  readonly searchAttributes: readonly SearchAttributeName[];
  /** True once the worker has begun to shut down: no PUT leaves any more. */
  readonly isDraining: () => boolean;
  /** Why no PUT may leave while `isDraining`. @default "the worker is shutting down" */
  readonly drainingReason?: () => string;
  /** How Redis itself is looked at. @default over a new connection */
  readonly takeLook?: typeof takeLook;
  /** How the commands of a measurement are tried. @default over a new connection, on a key that is removed again */
  readonly tryCommands?: typeof tryCommands;
  /** Where notifications go. @default `null`: nowhere */
  readonly webhook?: Webhook | null;
  /** Activities that the worker runs at the same time; bounds those that post. @default no bound */
  readonly maxConcurrentActivities?: number;
}
