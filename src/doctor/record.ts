/** Collects what DCS answered and writes it, sanitised, for bug reports and fixtures. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Exchange } from '../dcs/index.js';

import { createPseudonyms } from '../diagnostics/record/pseudonyms.js';
import type { Pseudonyms } from '../diagnostics/record/pseudonyms.js';
import { redactBody } from '../diagnostics/record/redact.js';

/** Exchanges that are kept; a doctor's run makes a handful per project. */
const MAX_EXCHANGES = 200;

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const HTTP_DATE = '[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT';

/** Headers that are kept, if they look as they should; all others are left out. */
const KEPT_HEADERS: Readonly<Record<string, RegExp>> = {
  'content-type': /^(?:application\/json|text\/html|text\/plain)(?:; ?charset=utf-?8)?$/i,
  date: new RegExp(`^${HTTP_DATE}$`),
  'retry-after': new RegExp(`^(?:\\d{1,6}|${HTTP_DATE})$`),
};

/** Thrown when the folder is not one to write into; nothing was called and nothing was written. */
export class RecordFolderError extends Error {
  override readonly name = 'RecordFolderError';
}

/** Takes in exchanges and writes them. */
export interface Recorder {
  readonly onExchange: (exchange: Exchange) => void;
  /** Writes one file per exchange and returns their paths, in order. */
  readonly write: () => Promise<readonly string[]>;
}

/**
 * A recorder into `folder`, which must be empty or not there: nothing is ever overwritten.
 *
 * @throws RecordFolderError
 */
export async function createRecorder(folder: string): Promise<Recorder> {
  await claimFolder(folder);
  const exchanges: Exchange[] = [];
  return {
    onExchange: (exchange) => {
      if (exchanges.length < MAX_EXCHANGES) exchanges.push(exchange);
    },
    write: async () => {
      const pseudonyms = createPseudonyms();
      const written: string[] = [];
      for (const [index, exchange] of exchanges.entries()) {
        const number = String(index + 1).padStart(2, '0');
        const file = path.join(folder, `${number}-${exchange.operation}.json`);
        const text = JSON.stringify(sanitiseExchange(exchange, pseudonyms), null, 2);
        await writeFile(file, `${text}\n`, { flag: 'wx', mode: 0o600 });
        written.push(file);
      }
      return written;
    },
  };
}

async function claimFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const entries = await readdir(folder);
    if (entries.length === 0) return;
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    throw new RecordFolderError(
      `--record ${folder} cannot be used (${code}). Name another folder.`,
    );
  }
  throw new RecordFolderError(
    `--record ${folder} is not empty, and nothing is overwritten. Name a new folder.`,
  );
}

/** An exchange fit to be shown to others. */
export function sanitiseExchange(exchange: Exchange, pseudonyms: Pseudonyms): object {
  const { operation, method, route, status, durationMs, headers, requestId } = exchange;
  return {
    operation,
    method,
    route,
    status,
    durationMs: Math.round(durationMs),
    requestId: requestId === null ? null : pseudonyms.of(requestId),
    headers: keepHeaders(headers),
    ...bodyOf(exchange, pseudonyms),
  };
}

function keepHeaders(headers: Exchange['headers']): Record<string, string> {
  const kept = Object.entries(KEPT_HEADERS)
    .map(([name, shape]) => [name, headers[name] ?? '', shape] as const)
    .filter(([, value, shape]) => shape.test(value));
  return Object.fromEntries(kept.map(([name, value]) => [name, value]));
}

/** A body that is no JSON may be anybody's page: only its size is told. */
function bodyOf({ body }: Exchange, pseudonyms: Pseudonyms): object {
  if (body === null) return { body: null };
  try {
    return { body: redactBody(JSON.parse(body), pseudonyms) };
  } catch {
    return { body: null, unreadableBodyBytes: Buffer.byteLength(body) };
  }
}
