/** A rig as those who measure see it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { DataPlaneAccess } from '../../src/data-plane/index.js';

import type { Order, RigAnswer } from './orders.js';

const REGISTER = path.join(__dirname, '../register.cjs');

export interface StartedRig {
  readonly access: DataPlaneAccess;
  /** One order at a time. */
  readonly ask: <T extends RigAnswer>(order: Order) => Promise<T>;
}

/** Starts a rig, and ends it after its use. */
export async function withRig<T>(use: (rig: StartedRig) => Promise<T>): Promise<T> {
  const child = fork(path.join(__dirname, 'rig.ts'), { execArgv: ['--require', REGISTER] });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
    const login = { username: null, password: null, login: 'acl', tls: null } as const;
    return await use({
      access: { host: '127.0.0.1', port, ...login },
      ask: async <A extends RigAnswer>(order: Order) => {
        child.send(order);
        const [answer] = (await once(child, 'message')) as [A];
        return answer;
      },
    });
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}
