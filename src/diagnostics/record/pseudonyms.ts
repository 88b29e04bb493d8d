/** The same secret always gets the same stand-in, so that a recording still shows what belongs together. */
import { isIP } from 'node:net';

/** Stand-ins of one recording. */
export interface Pseudonyms {
  /** Stand-in of any text, of the same shape where the shape tells something (ids, addresses). */
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
const SHAPES: readonly Shape[] = [
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
    const key = `${String(SHAPES.indexOf(slot as Shape))} ${text.toLowerCase()}`;
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
      const shape = SHAPES.find(([matches]) => matches(text));
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
