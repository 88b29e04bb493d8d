/** Traces of a worker: its workflows and activities by Temporal's interceptors, its calls to DCS as part of them. */
import { Runtime } from '@temporalio/worker';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';

import type { ProjectsOptions } from '../projects.js';
import { openTraces } from '../temporal/traces.js';

/** What a worker without traces has less. */
export interface WorkerTraces {
  readonly isOn: boolean;
  /** For `Worker.create`. */
  readonly options: {
    readonly interceptors?: { readonly activity: ActivityInterceptorsFactory[] };
  };
  readonly sinks: InjectedSinks<Sinks>;
  readonly onExchange: NonNullable<ProjectsOptions['onExchange']>;
  /** Sends what is left, for up to 2 s. */
  readonly drain: () => Promise<void>;
}

const NONE: WorkerTraces = {
  isOn: false,
  options: {},
  sinks: {},
  onExchange: () => undefined,
  drain: () => Promise.resolve(),
};

/** @throws TemporalConfigError where traces are asked for and cannot be made */
export async function openWorkerTraces(env: NodeJS.ProcessEnv): Promise<WorkerTraces> {
  const traces = await openTraces(env, {
    failing: (why) => {
      Runtime.instance().logger.warn('the collector does not take traces', { why });
    },
    recovered: () => {
      Runtime.instance().logger.info('the collector takes traces again');
    },
  });
  if (traces === null) return NONE;
  const { interceptors, sinks } = traces.forWorker;
  return {
    isOn: true,
    options: {
      interceptors: { activity: [...interceptors.activity] as ActivityInterceptorsFactory[] },
    },
    sinks: sinks as InjectedSinks<Sinks>,
    onExchange: ({ operation, method, route, status, requestId, durationMs, error }) => {
      traces.addCall({
        name: `DCS ${operation}`,
        durationMs,
        attributes: {
          'dcs.operation': operation,
          'http.request.method': method,
          'url.template': route,
          ...(status === null ? {} : { 'http.response.status_code': status }),
          ...(requestId === null ? {} : { 'dcs.request_id': requestId }),
        },
        error,
      });
    },
    drain: traces.close,
  };
}
