import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { createClock } from './basics.js';
import type { Clock } from './basics.js';
import { createFaultBook } from './faults/script.js';
import type { FaultScript } from './faults/spec.js';
import { createGateway, createPermissions } from './gateway/authentication.js';
import type { Permissions } from './gateway/authentication.js';
import { createQuotas } from './gateway/quota.js';
import type { Quotas } from './gateway/quota.js';
import { serve } from './http/serve.js';
import type { Backend } from './http/serve.js';
import { createKeyring } from './identity/account.js';
import type { Account, IssuedKeys, Keyring } from './identity/account.js';
import type { InstanceSpec, Settings, SimulatorOptions } from './options.js';
import { createLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { resolveOptions } from './options.js';
import type { TlsIdentity } from './redis/access.js';
import type { SimulatedInstance } from './service/managed-instance.js';
import { createService } from './service/service.js';

/** The only address the simulator listens on: it is no one else's business. */
const LOOPBACK = '127.0.0.1';
/** Longer than a caller keeps an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

/** The listening API. */
interface ApiServer {
  readonly endpoint: string;
  /** Closes the socket and every connection. */
  close(): Promise<void>;
}

/**
 * Listens on a loopback port, 0 = any free one; https when there is a certificate.
 *
 * @throws Error when the port cannot be had, or key and certificate are none
 */
async function listen(
  { port, tls }: { readonly port: number; readonly tls: TlsIdentity | null },
  backend: Backend,
): Promise<ApiServer> {
  const server = create(tls, (request, response) => {
    void serve(request, response, backend);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    endpoint: `${tls === null ? 'http' : 'https'}://${LOOPBACK}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function create(tls: TlsIdentity | null, listener: RequestListener): Server {
  return tls === null ? createServer(listener) : createTlsServer({ ...tls }, listener);
}

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:port`, or https; of the DCS API, of IAM and of the metadata service. */
  readonly endpoint: string;
  readonly projectId: string;
  readonly region: string;
  /** The access key in force. */
  readonly accessKey: string;
  /** The secret key in force. */
  readonly secretKey: string;
  /** The security token in force; `null` for permanent keys. */
  readonly securityToken: string | null;
  readonly instances: readonly SimulatedInstance[];
  /** @throws Error for an id that is not served */
  instance(id: string): SimulatedInstance;
  /** @throws Error when the id is taken or its Redis does not start */
  addInstance(spec: InstanceSpec): Promise<SimulatedInstance>;
  readonly ledger: Ledger;
  readonly faults: FaultScript;
  /** The IAM user and agency of the project. */
  readonly account: Account;
  readonly permissions: Permissions;
  /** How many calls the gateway passes on, and what others use of it. */
  readonly quotas: Quotas;
  /** Replaces the keys; requests signed with the old ones are answered 401 from now on. */
  setCredentials(credentials: IssuedKeys): void;
  /** Every IAM token and temporary key issued so far is expired from now on. */
  expireIssued(): void;
  /** Sets how far the service's clock is ahead of this machine's, in milliseconds; negative = behind. */
  setClockOffset(offsetMs: number): void;
  /** Ends jobs, connections and Redis processes, and removes their folders. May be called twice. */
  close(): Promise<void>;
}

/**
 * Serves the documented DCS API for `ha` and `ha_rw_split` instances on a loopback port.
 *
 * @throws Error when an option is wrong, the port is taken or a Redis does not start; nothing is left running
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = resolveOptions(options);
  const closing = new AbortController();
  // Every wait listens to it, and there may be as many as there are calls.
  setMaxListeners(0, closing.signal);
  const ledger = createLedger();
  const faults = createFaultBook();
  const clock = createClock(settings.clockOffsetMs);
  const keyring = createOwnKeyring(settings, clock);
  const gateway = createGateway(keyring, clock, settings.habits);
  const permissions = createPermissions(settings.deny);
  const quotas = createQuotas(settings.quota, clock);
  const service = createService(settings, { ledger, keyring, clock, signal: closing.signal });
  const backend = { service, gateway, permissions, quotas, faults, ledger };
  try {
    for (const spec of settings.instances) await service.addInstance(spec);
    const server = await listen(settings, backend);
    const close = async (): Promise<void> => {
      closing.abort();
      faults.clear();
      await Promise.all([server.close(), service.close()]);
    };
    return present({ ...backend, server, close });
  } catch (error) {
    await service.close();
    throw error;
  }
}

function createOwnKeyring({ credentials, account, projectId }: Settings, clock: Clock): Keyring {
  const owner = { user: account.userName, credential: 'access-key', projectId } as const;
  return createKeyring(credentials, owner, clock);
}

interface Parts extends Backend {
  readonly server: ApiServer;
  readonly close: () => Promise<void>;
}

function present({ service, server, gateway, close, ...handles }: Parts): Simulator {
  const { settings, keyring, clock, account } = service;
  const { projectId, region } = settings;
  return {
    endpoint: server.endpoint,
    projectId,
    region,
    get accessKey() {
      return keyring.own.accessKey;
    },
    get secretKey() {
      return keyring.own.secretKey;
    },
    get securityToken() {
      return keyring.own.securityToken ?? null;
    },
    get instances() {
      return [...service.instances.values()];
    },
    instance: (id) => {
      const found = service.instances.get(id);
      if (!found) throw new Error(`The simulator has no instance ${id}.`);
      return found;
    },
    addInstance: (spec) => service.addInstance(spec),
    ...handles,
    account,
    setCredentials: (credentials) => {
      keyring.rotate(credentials);
      gateway.unlock();
    },
    expireIssued: () => {
      keyring.expireIssued();
    },
    setClockOffset: (offsetMs) => {
      clock.setOffset(offsetMs);
    },
    close,
  };
}
