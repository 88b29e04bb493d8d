import type { IncomingHttpHeaders } from 'node:http';
import type { FaultPlan } from '../faults/script.js';
import type { SimulatedAnswer } from '../http/answer.js';
import type { RouteMatch } from '../http/routes.js';
import type { Service } from './service.js';

/** A request that the gateway let through. */
export interface ServiceCall {
  readonly match: RouteMatch;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The user whose credential came with it; `null` for calls that need none. */
  readonly user: string | null;
  readonly plan: FaultPlan;
}

/** Carries an operation out and returns its answer. @throws Refusal for a documented error */
export type Handler = (call: ServiceCall, service: Service) => SimulatedAnswer;
