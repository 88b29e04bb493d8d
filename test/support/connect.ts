import { Connection } from '@temporalio/client';

/** A limit is there for what hangs: a machine that has just started several servers answers late. */
const CONNECT_TIMEOUT_MS = 60_000;

/** A client's connection to a server of the tests. */
export function connectTo(address: string): Promise<Connection> {
  return Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
}
