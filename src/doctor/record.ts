/** Collects what DCS answered and writes it, sanitised, for bug reports and fixtures. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';

import type { Exchange } from '../dcs/index.js';

import { FIELDS, MAX_WORD_LENGTH, SHAPES } from './record-fields.js';
import type { FieldKind } from './record-fields.js';

// Makes an answer fit to be shown to others: what is not known to be harmless is replaced.

/** Deeper bodies are cut; documented ones have five levels. */
const MAX_DEPTH = 12;

/** Longest list that is kept; the task list has pages of 100. */
const MAX_ITEMS = 500;

/** What stands for something that is too deep to be looked at. */
const CUT = 'cut';

/**
 * A JSON value with everything replaced but the structure, the documented field names, words of
 * enumerations, codes, times and counts. Ids and addresses get stand-ins that stay the same.
 */
export function redactBody(value: unknown, pseudonyms: Pseudonyms): unknown {
  return redact(value, 'hidden', pseudonyms, MAX_DEPTH);
}

function redact(value: unknown, kind: FieldKind, pseudonyms: Pseudonyms, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return kind === 'number' || kind === 'time' ? value : 0;
  if (typeof value === 'string') return redactText(value, kind, pseudonyms);
  if (depth === 0 || typeof value !== 'object') return CUT;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => redact(item, kind, pseudonyms, depth - 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([name, field]) => redactField(name, field, pseudonyms, depth - 1)),
  );
}

function redactField(
  name: string,
  value: unknown,
  pseudonyms: Pseudonyms,
  depth: number,
): readonly [string, unknown] {
  const kind = FIELDS.get(name);
  return [
    kind === undefined ? pseudonyms.ofKey(name) : name,
    redact(value, kind ?? 'hidden', pseudonyms, depth),
  ];
}

function redactText(text: string, kind: FieldKind, pseudonyms: Pseudonyms): string {
  if (kind !== 'hidden' && text.length <= MAX_WORD_LENGTH && SHAPES[kind].test(text)) return text;
  // Clusters show their addresses as one list.
  return text.split(',').map(pseudonyms.of).join(',');
}

// The same secret always gets the same stand-in, so that a recording still shows what belongs together.

/** Stand-ins of one recording. */
interface Pseudonyms {
  /** Stand-in of any text, of the same shape where the shape means something (ids, addresses). */
  readonly of: (text: string) => string;
  /** Stand-in of an unknown field's name. */
  readonly ofKey: (name: string) => string;
}

/** Ranges that no machine has (RFC 5737). */
const DOCUMENTATION_RANGES = ['192.0.2', '198.51.100', '203.0.113'];

/** Addresses per range; 0 and 255 are no hosts. */
const HOSTS_PER_RANGE = 254;

type Shape = readonly [matches: (text: string) => boolean, make: (count: number) => string];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HEX_ID = /^[0-9a-f]{32}$/i;

const padded = (count: number, length: number): string => String(count).padStart(length, '0');

/** First match wins; the last takes everything. */
const PSEUDONYM_SHAPES: readonly Shape[] = [
  [(text) => UUID.test(text), (count) => `00000000-0000-4000-8000-${padded(count, 12)}`],
  [(text) => HEX_ID.test(text), (count) => padded(count, 32)],
  [(text) => isIP(text) === 4, documentationAddress],
  [(text) => isIP(text) === 6, (count) => `2001:db8::${count.toString(16)}`],
  [() => true, (count) => `text-${count}`],
];

/** An empty set of stand-ins. Keeps what it replaced in memory, never on disk. */
export function createPseudonyms(): Pseudonyms {
  const known = new Map<string, string>();
  const counts = new Map<unknown, number>();
  const standIn = (slot: unknown, text: string, make: (count: number) => string): string => {
    const key = `${String(PSEUDONYM_SHAPES.indexOf(slot as Shape))} ${text.toLowerCase()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const count = (counts.get(slot) ?? 0) + 1;
    counts.set(slot, count);
    const made = make(count);
    known.set(key, made);
    return made;
  };
  return {
    of: (text) => {
      if (text === '') return '';
      const shape = PSEUDONYM_SHAPES.find(([matches]) => matches(text));
      return shape === undefined ? 'text' : standIn(shape, text, shape[1]);
    },
    ofKey: (name) => standIn('key', name, (count) => `unknown_field_${count}`),
  };
}

function documentationAddress(count: number): string {
  const range = DOCUMENTATION_RANGES[Math.floor((count - 1) / HOSTS_PER_RANGE)];
  // More nodes than three ranges have hosts: then at least none of them is real.
  return `${range ?? '192.0.2'}.${((count - 1) % HOSTS_PER_RANGE) + 1}`;
}

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
function sanitiseExchange(exchange: Exchange, pseudonyms: Pseudonyms): object {
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

/** A body that is no JSON may be anyone's page: only its size is reported. */
function bodyOf({ body }: Exchange, pseudonyms: Pseudonyms): object {
  if (body === null) return { body: null };
  try {
    return { body: redactBody(JSON.parse(body), pseudonyms) };
  } catch {
    return { body: null, unreadableBodyBytes: Buffer.byteLength(body) };
  }
}
