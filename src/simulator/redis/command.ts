import { createClient } from '@redis/client';

/** Everything runs on this machine, for this machine. */
export const LOOPBACK = '127.0.0.1';

/** A local Redis that needs longer than this for a connection or an answer is not well, however loaded the machine is. */
const COMMAND_TIMEOUT_MS = 20_000;

/**
 * Sends one command over a connection of its own: commands are rare here, and a kept connection
 * would have to survive role changes.
 *
 * @throws Error when the server cannot be reached or answers with an error
 */
export async function redisCommand(port: number, ...command: string[]): Promise<unknown> {
  const client = createClient({
    RESP: 2,
    socket: {
      host: LOOPBACK,
      port,
      connectTimeout: COMMAND_TIMEOUT_MS,
      socketTimeout: COMMAND_TIMEOUT_MS,
      reconnectStrategy: false,
    },
  });
  // The failure also rejects the command below; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
