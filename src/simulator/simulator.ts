import { setMaxListeners } from 'node:events';
import { createFaultBook } from './faults/script.js';
import type { FaultScript } from './faults/spec.js';
import { createGateway } from './gateway/authentication.js';
import type { Credentials } from './gateway/authentication.js';
import { listen } from './http/server.js';
import type { ApiServer } from './http/server.js';
import { createLedger } from './ledger.js';
import type { Ledger } from './ledger.js';
import { resolveOptions } from './options.js';
import type { InstanceSpec, SimulatorOptions } from './options.js';
import type { SimulatedInstance } from './service/instance.js';
import { createService } from './service/service.js';
import type { Service } from './service/service.js';

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:port`. */
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
  /** Replaces the keys; requests signed with the old ones are answered 401 from now on. */
  setCredentials(credentials: Credentials): void;
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
  const gateway = createGateway(settings.credentials);
  const service = createService(settings, ledger, closing.signal);
  try {
    for (const spec of settings.instances) await service.addInstance(spec);
    const server = await listen(settings.port, { service, gateway, faults, ledger });
    const close = async (): Promise<void> => {
      closing.abort();
      faults.clear();
      await Promise.all([server.close(), service.close()]);
    };
    return present({ service, server, gateway, ledger, faults, close });
  } catch (error) {
    await service.close();
    throw error;
  }
}

interface Parts {
  readonly service: Service;
  readonly server: ApiServer;
  readonly gateway: ReturnType<typeof createGateway>;
  readonly ledger: Ledger;
  readonly faults: FaultScript;
  readonly close: () => Promise<void>;
}

function present({ service, server, gateway, ledger, faults, close }: Parts): Simulator {
  const { projectId, region } = service.settings;
  return {
    endpoint: server.endpoint,
    projectId,
    region,
    get accessKey() {
      return gateway.credentials.accessKey;
    },
    get secretKey() {
      return gateway.credentials.secretKey;
    },
    get securityToken() {
      return gateway.credentials.securityToken ?? null;
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
    ledger,
    faults,
    setCredentials: (credentials) => {
      gateway.rotate(credentials);
    },
    close,
  };
}
