/** What the simulator's tests share: a caller that signs by the description, and nothing of src/dcs. */
import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

import { startSimulator } from '../../src/simulator/index.js';
import type { SimulatedInstance, Simulator, SimulatorOptions } from '../../src/simulator/index.js';

/** Jobs that are over soon, but not at once. */
export const QUICK = { jobInitMs: 20, jobRunMs: 60 };

interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly securityToken?: string | null;
}

/** A node or task as the API shows it; which fields there are depends on the call. */
interface Row {
  readonly id: string;
  readonly instance_id: string;
  readonly name: string;
  readonly user_name: string;
  readonly status: string;
  readonly job_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly node_id: string;
  readonly node_ip: string;
  readonly node_type: string;
  readonly replication_id: string;
  readonly replication_ip: string;
  readonly replication_role: string;
  readonly az_code: string;
  readonly group_id: string;
}

/** The fields of all bodies that tests look at; which there are depends on the call. */
interface Body {
  readonly error_code: string;
  readonly error_msg: string;
  readonly error: { readonly code: number; readonly message: string; readonly title: string };
  readonly credential: {
    readonly access: string;
    readonly secret: string;
    readonly securitytoken: string;
    readonly expires_at: string;
  };
  readonly token: { readonly expires_at: string; readonly project?: { readonly id: string } };
  readonly instance_num: number;
  readonly instances: readonly Row[];
  readonly job_id: string;
  readonly status: string;
  readonly begin_time: string;
  readonly end_time: string;
  readonly fail_reason: string;
  readonly ip: string;
  readonly port: number;
  readonly task: string | null;
  readonly task_count: string;
  readonly tasks: readonly Row[];
  readonly nodes: readonly Row[];
  readonly group_count: number;
  readonly group_list: readonly {
    readonly group_id: string;
    readonly replication_list: readonly Row[];
  }[];
}

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: Body;
}

export interface CallOptions {
  readonly keys?: Keys;
  readonly date?: Date;
  /** Sent, but not signed: a header that someone put in on the way. */
  readonly headers?: Record<string, string>;
  /** Sent in place of the signed path. */
  readonly sentPath?: string;
  readonly unsigned?: boolean;
  readonly body?: string;
  /** Certificate to trust, of a simulator that serves https. */
  readonly ca?: string;
  /** Hangs up after so long. */
  readonly giveUpAfterMs?: number;
}

const running: Simulator[] = [];

/** Starts a simulator that {@link stopAll} stops. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ timing: QUICK, ...options });
  running.push(simulator);
  return simulator;
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
}

/** Paths of the API for one instance, by default the simulator's first. */
export function pathsOf(
  simulator: Simulator,
  instanceId = firstId(simulator),
): Record<
  'instances' | 'instance' | 'nodes' | 'groups' | 'tasks' | 'centerTasks' | 'swap',
  string
> & {
  readonly job: (jobId: string) => string;
} {
  const project = `/v2/${simulator.projectId}`;
  return {
    instances: `${project}/instances`,
    centerTasks: `${project}/tasks`,
    instance: `${project}/instances/${instanceId}`,
    nodes: `${project}/instances/${instanceId}/logical-nodes`,
    groups: `${project}/instance/${instanceId}/groups`,
    tasks: `${project}/instances/${instanceId}/tasks`,
    swap: `${project}/instances/${instanceId}/async-swap`,
    job: (jobId: string): string => `${project}/jobs/${jobId}`,
  };
}

export function firstId(simulator: Simulator): string {
  return first(simulator).instanceId;
}

export function first(simulator: Simulator): SimulatedInstance {
  const [instance] = simulator.instances;
  if (!instance) throw new Error('no instance');
  return instance;
}

/** A signed call over a connection of its own. */
export function call(
  simulator: Simulator,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Reply> {
  const url = new URL(simulator.endpoint);
  const headers = options.unsigned ? {} : sign(simulator, url.host, method, path, options);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(
      {
        host: url.hostname,
        port: url.port,
        method,
        path: options.sentPath ?? path,
        headers: { ...headers, ...options.headers },
        agent: false,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers: received } = response;
          resolve({ status: statusCode, headers: received, text, json: parse(text) });
        });
      },
    );
    request.on('error', reject);
    if (options.giveUpAfterMs !== undefined) {
      request.setTimeout(options.giveUpAfterMs, () => request.destroy(new Error('gave up')));
    }
    request.end(options.body);
  });
}

export const get = (simulator: Simulator, path: string, options?: CallOptions): Promise<Reply> =>
  call(simulator, 'GET', path, options);

export const put = (simulator: Simulator, path: string, options?: CallOptions): Promise<Reply> =>
  call(simulator, 'PUT', path, options);

/** A call with a JSON body, unsigned unless `options` have it otherwise. */
export const post = (
  simulator: Simulator,
  path: string,
  body: unknown,
  options: CallOptions = { unsigned: true },
): Promise<Reply> => call(simulator, 'POST', path, { ...options, body: JSON.stringify(body) });

/** Waits, with a bound, until something is so. */
export async function eventually(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 10) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('did not become so within 30 s');
}

/** SDK-HMAC-SHA256 with host, project and date signed. */
function sign(
  simulator: Simulator,
  host: string,
  method: string,
  path: string,
  { keys = simulator, date = new Date(), body = '' }: CallOptions,
): Record<string, string> {
  const headers: Record<string, string> = {
    host,
    'x-project-id': simulator.projectId,
    'x-sdk-date': date.toISOString().replace(/[-:]|\.\d+/g, ''),
  };
  if (keys.securityToken) headers['x-security-token'] = keys.securityToken;
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const [route = '', query = ''] = path.split('?');
  const sorted = query.split('&').sort().join('&');
  const parts = [method, `${route}/`, sorted, lines.join(''), names, sha256(body)];
  const toSign = `SDK-HMAC-SHA256\n${headers['x-sdk-date'] ?? ''}\n${sha256(parts.join('\n'))}`;
  const signature = createHmac('sha256', keys.secretKey).update(toSign).digest('hex');
  const authorization = `SDK-HMAC-SHA256 Access=${keys.accessKey}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return undefined as unknown as Body;
  }
}
