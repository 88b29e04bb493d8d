import { request } from 'node:http';

import { pickFreePorts } from '../free-ports.js';

const LOOPBACK = '127.0.0.1';

/** Somebody else may take a free port before the exporter does. */
const MAX_PORT_TRIES = 5;

/** Longest scrape, in milliseconds. */
const SCRAPE_TIMEOUT_MS = 5_000;

/** Largest exposition, in bytes; a worker's has some 100 kB. */
const MAX_EXPOSITION_BYTES = 16 * 1024 * 1024;

/** The text that Prometheus reads. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** The SDK's exporter, on a port of the loopback interface. */
export interface Exporter {
  /**
   * @param install binds the exporter to an address, `host:port`; throws when it is taken
   * @throws whatever `install` throws at the last try
   */
  readonly start: (install: (address: string) => void) => Promise<void>;
  /** What there is to scrape; nothing before the start. */
  readonly scrape: () => Promise<Exposition>;
}

/** An exporter that is yet to be started on a free port. */
export function createExporter(): Exporter {
  let port: number | undefined;
  return {
    start: async (install) => {
      for (let tries = 1; port === undefined; tries += 1) {
        const [free = 0] = await pickFreePorts(1);
        try {
          install(`${LOOPBACK}:${free}`);
          port = free;
        } catch (error) {
          if (tries >= MAX_PORT_TRIES) throw error;
        }
      }
    },
    scrape: () => (port === undefined ? Promise.resolve(NOTHING_YET) : scrape(port)),
  };
}

const NOTHING_YET: Exposition = { contentType: 'text/plain; version=0.0.4', text: '' };

function scrape(port: number): Promise<Exposition> {
  const signal = AbortSignal.timeout(SCRAPE_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const call = request(
      { host: LOOPBACK, port, path: '/metrics', agent: false, signal },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_EXPOSITION_BYTES) call.destroy(new Error('the exposition is too large'));
          else chunks.push(chunk);
        });
        answer.once('error', reject);
        answer.once('end', () => {
          const contentType = answer.headers['content-type'] ?? 'text/plain; version=0.0.4';
          resolve({ contentType, text: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    call.once('error', reject);
    call.end();
  });
}
