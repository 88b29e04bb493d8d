/** The check of whoever wants to know what a switchover costs: can Redis itself be asked, and measured? */
import type { Check, InstanceRef, ProbeError, SwitchoverRequest } from '../../contract/index.js';
import { command, joinText, withCommands } from '../commands.js';
import type { CheckVerdict } from '../facts.js';
import { NOT_READ, toCheck } from '../facts.js';
import type { DataPlaneFindings } from '../preflight-report.js';

/** How a command went that a look or a measurement needs. */
export interface TriedCommand {
  /** `connect` (with TLS and login), or a command of Redis. */
  readonly command: string;
  /** In plain words, without a secret; `null`: it works. */
  readonly problem: string | null;
  readonly error: ProbeError | null;
}

/** Without these nothing is measured; without the others, reads alone. */
const NEEDED_TO_READ = ['connect', 'GET'];
/** A look needs it, no measurement does. */
const NEEDED_TO_LOOK = 'INFO';

/** What of a measurement is possible, by what was tried; `why` where something is not. */
export function judgeTried(
  tried: readonly TriedCommand[],
): Pick<DataPlaneFindings, 'measures' | 'write' | 'why'> {
  const failed = tried.filter(({ problem }) => problem !== null).map((each) => each.command);
  return {
    measures: tried.length > 0 && !failed.some((name) => NEEDED_TO_READ.includes(name)),
    write: !failed.some((name) => ![...NEEDED_TO_READ, NEEDED_TO_LOOK].includes(name)),
    why: describeProblems(tried),
  };
}

function describeProblems(tried: readonly TriedCommand[]): string | null {
  return tried.flatMap(({ problem }) => problem ?? []).join('; ') || null;
}

/**
 * The check, where an entry of the settings names the instance or a measurement is asked for: blocking with
 * `probe: "require"`, else for information.
 *
 * @param dataPlane absent: no one has looked
 */
export function dataPlaneReady(
  request: SwitchoverRequest,
  dataPlane: DataPlaneFindings | undefined,
  tried: readonly TriedCommand[],
): Check[] {
  const { probe = 'off' } = request;
  if (dataPlane === undefined && probe === 'off') return [];
  const severity = probe === 'require' ? 'blocking' : 'info';
  const verdict = dataPlane === undefined ? NOT_READ : judge(request, dataPlane, tried);
  return [toCheck('data-plane-ready', severity, verdict)];
}

/** The step that finds out why Redis cannot be asked. */
export function doctorStep({ instanceId, projectId }: InstanceRef): string {
  const line = command(['doctor'], { projectId }, { instance: instanceId });
  return withCommands('The doctor tries each step', line);
}

function judge(
  request: SwitchoverRequest,
  { offered, look, why, address }: DataPlaneFindings,
  tried: readonly TriedCommand[],
): CheckVerdict {
  const problem = whyNoLook(look, why) ?? describeProblems(tried);
  const where = address === null ? '' : ` at ${address}`;
  if (problem === null) return { passed: true, observed: `Redis${where} answers, and is a master` };
  return {
    passed: false,
    observed: `Redis${where}: ${problem}`,
    remedy: joinText([
      offered
        ? 'See what is missing, then try again.'
        : 'Add an entry to dataPlane in the file of the worker, or do not require a measurement.',
      doctorStep(request),
    ]),
  };
}

function whyNoLook(look: DataPlaneFindings['look'], why: string | null): string | null {
  if (look === null) return why ?? 'not looked at';
  return look.role === 'master' ? null : 'the address leads to a replica';
}
