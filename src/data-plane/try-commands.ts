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
 * connection the rest is left out. The key is removed, or ends after a minute; where neither is allowed it is not made.
 * Never throws.
 *
 * @param write whether test writes are wanted; without, the key is only read
 */
export async function tryCommands(
  access: DataPlaneAccess,
  key: string,
  { write }: { readonly write: boolean },
): Promise<readonly TriedCommand[]> {
  const expire = ['PEXPIRE', key, KEY_MS];
  const remove = ['DEL', key];
  const commands = [
    ['INFO', 'server'],
    // At first there is no key: what is refused then is known before one is made.
    ...(write ? [expire, remove, ['SETBIT', key, '0', '1'], expire] : []),
    ['GET', key],
    ...(write ? [remove] : []),
  ];
  let command = 'connect';
  const tried = new Map<string, TriedCommand>();
  try {
    const connection = await openConnection(access, PATIENT);
    tried.set(command, works(command));
    try {
      for (const words of commands) {
        [command = ''] = words;
        const wouldStay = command === 'SETBIT' && REMOVING.every((each) => isRefused(tried, each));
        tried.set(command, wouldStay ? NOT_TRIED : await tryCommand(connection, words));
      }
    } finally {
      connection.close();
    }
  } catch (error) {
    // There is no connection, or no more, and so the rest is not known.
    tried.set(command, fails(command, toDataPlaneFailure(error)));
  }
  return [...tried.values()];
}

/** Either of them keeps a key from staying for ever. */
const REMOVING = ['PEXPIRE', 'DEL'];

function isRefused(tried: ReadonlyMap<string, TriedCommand>, command: string): boolean {
  return (tried.get(command)?.problem ?? null) !== null;
}

const NOT_TRIED: TriedCommand = {
  ...{ command: 'SETBIT', error: 'auth' },
  problem: 'SETBIT: not tried, for its key could neither be removed nor be given an end',
};

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
