import type { MaintenancePhase } from '../../contract/index.js';

import { pausedBy, stopOf } from './state.js';
import type { MaintenanceState, PlanFacts } from './state.js';
import { latestStartMs } from './window.js';

/** What a plan does next, in plain words. */
export function nextStep(state: MaintenanceState): string {
  const pause = pausedBy(state);
  const held = pause === null || state.phase === 'ENDED' ? '' : `paused by ${pause.by}; then `;
  return `${held}${STEPS[state.phase](state)}`;
}

const STEPS: Readonly<Record<MaintenancePhase, (state: MaintenanceState) => string>> = {
  PLANNING: () => 'read the instances and resolve the window; nothing is sent',
  AWAITING_APPROVAL: ({ facts }) =>
    `wait for somebody to send approve; without it by ${latestStart(facts)} nothing starts`,
  AWAITING_WINDOW: ({ facts }) => `wait until the window opens at ${opening(facts)}`,
  SWITCHING: (state) => {
    const stop = stopOf(state, 'forward');
    if (stop !== null) return `start nothing further (${stop.reason}); wait for what runs`;
    return `switch the instances in order; nothing starts from ${latestStart(state.facts)} on`;
  },
  SOAKING: ({ soakEndsAtMs }) =>
    `leave the masters where they are until ${iso(soakEndsAtMs)}, then bring them back`,
  RETURNING: () => 'bring each master that was moved back to where it was',
  ENDED: () => 'nothing',
};

function opening(facts: PlanFacts | null): string {
  return iso(facts?.window.opensAtMs ?? null);
}

function latestStart(facts: PlanFacts | null): string {
  return iso(facts === null ? null : latestStartMs(facts.window, facts.request));
}

function iso(ms: number | null): string {
  return ms === null ? 'an instant not known yet' : new Date(ms).toISOString();
}
