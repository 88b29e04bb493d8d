/** What `dev` shows of what it has started, and what another terminal needs to play with it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { LocalStack } from '../dev/stack.js';
import { command, joinText, shellWord, withCommands } from '../domain/commands.js';
import { maintenanceLine } from '../domain/maintenance/commands.js';
import { NAMED_FAULTS } from '../simulator/faults/named.js';
import type { FaultName } from '../simulator/faults/named.js';
import type { SimulatedInstance } from '../simulator/index.js';
import { iso } from '../util.js';

import { TIMING_VARIABLE } from './fields.js';
import { fields } from './format/page.js';
import type { Page } from './format/page.js';
import { SHORT_ID, table } from './format/table.js';
import type { Column } from './format/table.js';

/** Variables by which a terminal finds the stack; no others of whoever started it are written anywhere. */
const WRITTEN =
  /^(?:DCS_(?!SWITCHOVER_)|HUAWEICLOUD_SDK_|DCS_SWITCHOVER_(?:TASK_QUEUE|TIMING|CONFIG)$|TEMPORAL_(?:ADDRESS|NAMESPACE|CONFIG_FILE)$)/;

/** A second switchover right after the first is what a place to play is for. */
const TIMING = 'coolDownSeconds=0';

/**
 * Writes the file that makes a terminal one of this stack: every command there reaches it, `dcs-switchover` is the
 * command that started it, and settings of the user's own account do not get in the way.
 *
 * @returns its path
 */
export async function writeEnvFile(stack: LocalStack): Promise<string> {
  const bin = path.join(stack.folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = [process.execPath, stack.commandPath].map(shellWord).join(' ');
  const text = `#!/bin/sh\nexec ${program} "$@"\n`;
  await writeFile(path.join(bin, 'dcs-switchover'), text, { mode: 0o755 });
  const own: NodeJS.ProcessEnv = { ...stack.workerEnv(), [TIMING_VARIABLE]: TIMING };
  const lines = [
    unsetOthers(stack.temporal.cliPath === null ? OF_THE_CLOUD : ['TEMPORAL', ...OF_THE_CLOUD]),
    ...Object.entries(own).flatMap(([name, value = '']) =>
      WRITTEN.test(name) ? [`export ${name}=${shellWord(value)}`] : [],
    ),
    `export PATH=${shellWord(bin)}:"$PATH"`,
  ];
  const file = path.join(stack.folder, 'env');
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

/** Beginnings of variables that belong to the user's own account. */
const OF_THE_CLOUD = ['DCS', 'HUAWEICLOUD_SDK', 'CLOUD_SDK', 'HC_CONTAINER'];

/** A line that clears what the terminal has set of them. */
function unsetOthers(beginnings: readonly string[]): string {
  const names = `env | sed -nE 's/^((${beginnings.join('|')})_[A-Z0-9_]*)=.*/\\1/p'`;
  return `for name in $(${names}); do unset "$name"; done`;
}

const ORIGINS: Readonly<Record<string, string>> = {
  PATH: 'found on PATH',
  cache: 'fetched at an earlier start',
  'sdk-download': 'downloaded by the SDK',
};

/** Where a part of the stack came from. */
function originOf(source: string): string {
  return (
    ORIGINS[source] ??
    (source.startsWith('pypi') ? `installed from ${source}` : `as ${source} says`)
  );
}

/** What runs where. */
export function describeStack(
  { temporal, simulator, redisSource, folder }: LocalStack,
  faults: readonly FaultName[],
): Page {
  const zoneOf = (instance: SimulatedInstance, suits: (role: string) => boolean): string =>
    instance
      .roles()
      .flatMap(({ role, availabilityZone }) => (suits(role) ? [availabilityZone] : []))
      .join(', ') || '-';
  const columns: readonly Column<SimulatedInstance>[] = [
    { title: 'NAME', rank: 0, min: 12, cell: ({ name }) => name },
    { title: 'MODE', rank: 1, cell: ({ cacheMode }) => cacheMode },
    { title: 'MASTER IN', rank: 0, cell: (each) => zoneOf(each, (role) => role === 'master') },
    { title: 'REPLICAS IN', rank: 4, cell: (each) => zoneOf(each, (role) => role !== 'master') },
    { title: 'REDIS', rank: 2, cell: ({ address }) => address ?? '-' },
    { title: 'INSTANCE', rank: 3, cell: ({ instanceId }) => instanceId, ...SHORT_ID },
  ];
  return [
    fields(
      ['Temporal', `${temporal.address} (${originOf(temporal.source)})`],
      ['Web UI', temporal.uiUrl ?? 'that of your own server'],
      ['DCS API', `${simulator.endpoint} (simulated)`],
      [
        'Redis',
        redisSource === null
          ? 'none: the roles are kept in memory'
          : `a server per node (${originOf(redisSource)})`,
      ],
      ['passwords', redisSource === null ? null : `${path.join(folder, 'redis')}/NAME`],
      ['Faults', faults.map((name) => `${name}: ${NAMED_FAULTS[name].about}`).join('\n') || null],
    ),
    table(columns, simulator.instances),
  ];
}

/** For a window that is still open when someone has read this and typed. */
function inAnHour(): string {
  return iso(Date.now() + 3_600_000).replace(/\.\d+/, '');
}

/** Name of the maintenance to try. */
const MAINTENANCE = 'try-1';

/** How to go on from another terminal. @param envFile see {@link writeEnvFile} */
export function firstCommands({ simulator }: LocalStack, envFile: string): Page {
  const { instances } = simulator;
  const [first = 'INSTANCE'] = instances.map(({ name }) => name);
  const refused = instances.find(({ cacheMode }) => !cacheMode.startsWith('ha'));
  return [
    `In another terminal, once:\n  . ${shellWord(envFile)}`,
    withCommands(
      'Then, for example',
      command(['instances']),
      command(['switch', first], {}, { toggle: true }),
      ...(refused === undefined ? [] : [command(['plan', refused.name], {}, { toggle: true })]),
      command(['list']),
      command(['doctor'], {}, { instance: first }),
    ),
    joinText([
      withCommands(
        'All that can be switched, after your approval, in a window that is open for an hour',
        command(
          ['maintenance', 'start', MAINTENANCE],
          {},
          { tag: 'team=shop', toggle: true, 'require-approval': true, 'closes-at': inAnHour() },
        ),
      ),
      withCommands(
        'Approve it from one more terminal',
        maintenanceLine({ verb: 'approve', name: MAINTENANCE }),
      ),
    ]),
  ];
}
