/** Whether the commands of a measurement are allowed: each is tried, on a key that is removed again. */
import type { TriedCommand } from '../domain/checks/data-plane.js';

import type { DataPlaneAccess } from './access.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { toDataPlaneFailure } from './failure.js';
import type { DataPlaneFailure } from './failure.js';
import { PATIENT } from './look.js';

/** What an abandoned key lives, in milliseconds. */
const KEY_MS = '60000';

/**
 * Tries what a look and a measurement need, in order, each whatever became of the ones before; only without a
 * connection the rest is left out. The key is removed, or ends after a minute. Never throws.
 *
 * @param write whether test writes are wanted; without, the key is only read
 */
export async function tryCommands(
  access: DataPlaneAccess,
  key: string,
  { write }: { readonly write: boolean },
): Promise<readonly TriedCommand[]> {
  const commands = [
    ['INFO', 'server'],
    ...(write
      ? [
          ['SETBIT', key, '0', '1'],
          ['PEXPIRE', key, KEY_MS],
        ]
      : []),
    ['GET', key],
    ...(write ? [['DEL', key]] : []),
  ];
  try {
    const connection = await openConnection(access, PATIENT);
    const tried: TriedCommand[] = [works('connect')];
    try {
      for (const words of commands) tried.push(await tryCommand(connection, words));
    } catch (error) {
      // The connection is gone, and with it the rest.
      tried.push(fails(commands[tried.length - 1]?.[0] ?? '', toDataPlaneFailure(error)));
    } finally {
      connection.close();
    }
    return tried;
  } catch (error) {
    return [fails('connect', toDataPlaneFailure(error))];
  }
}

/** @throws DataPlaneFailure where the connection is gone */
async function tryCommand(connection: Connection, words: readonly string[]): Promise<TriedCommand> {
  const [command = ''] = words;
  try {
    await connection.ask(...words);
    return works(command);
  } catch (error) {
    const failure = toDataPlaneFailure(error);
    if (!failure.isReply) throw failure;
    return fails(command, failure);
  }
}

function works(command: string): TriedCommand {
  return { command, problem: null, error: null };
}

function fails(command: string, { message, kind }: DataPlaneFailure): TriedCommand {
  return { command, problem: message, error: kind };
}
