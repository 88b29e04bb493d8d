/** What a message to a plan has to look like: hand-written, because the sandbox has no schema library. */
import type { InputProblem, MaintenanceUpdate } from '../../contract/index.js';
import { canForge } from '../text.js';

const MAX_BY = 128;
const MAX_WHY = 1024;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Messages that have to say why. */
const NEEDS_WHY: readonly MaintenanceUpdate[] = ['reject', 'skip', 'abort'];

/** A well-formed message. */
export interface MessageFields {
  readonly by: string;
  readonly why: string | null;
  /** Only of `skip`. */
  readonly instanceId: string | null;
}

/** A message that was read, or what is wrong with it, by field. */
export type ReadMessage =
  | { readonly ok: true; readonly fields: MessageFields }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Reads the argument of an update; texts are trimmed, `null` means absent, unknown fields are refused. */
export function readMessage(name: MaintenanceUpdate, value: unknown): ReadMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, problems: [problem('input', 'is not an object', 'Send one JSON object.')] };
  const given = value as Readonly<Record<string, unknown>>;
  const by = readText(given, 'by', MAX_BY, true);
  const why = readText(given, 'why', MAX_WHY, NEEDS_WHY.includes(name));
  const instanceId = name === 'skip' ? readInstanceId(given) : { text: null, problems: [] };
  const known = name === 'skip' ? ['by', 'why', 'instanceId'] : ['by', 'why'];
  const unknown = Object.keys(given).filter(
    (field) => given[field] !== null && !known.includes(field),
  );
  const problems = [
    ...[by, why, instanceId].flatMap((each) => each.problems),
    ...unknown.map((field) => problem(field.slice(0, 64), 'is not a known field', 'Leave it out.')),
  ];
  if (problems.length > 0 || by.text === null) return { ok: false, problems };
  return { ok: true, fields: { by: by.text, why: why.text, instanceId: instanceId.text } };
}

interface ReadField {
  readonly text: string | null;
  readonly problems: readonly InputProblem[];
}

function readText(
  given: Readonly<Record<string, unknown>>,
  field: string,
  maxLength: number,
  isRequired: boolean,
): ReadField {
  const value = given[field] ?? null;
  const refuse = (what: string): ReadField => ({
    text: null,
    problems: [problem(field, what, `Give a text of 1 to ${maxLength} characters.`)],
  });
  if (value === null) return isRequired ? refuse('is missing') : { text: null, problems: [] };
  if (typeof value !== 'string') return refuse('is not a text');
  const text = value.trim();
  if (text === '') return refuse('is empty');
  if (text.length > maxLength) return refuse(`has more than ${maxLength} characters`);
  if (canForge(text)) return refuse('has control characters');
  return { text, problems: [] };
}

function readInstanceId({ instanceId }: Readonly<Record<string, unknown>>): ReadField {
  if (typeof instanceId === 'string' && UUID.test(instanceId))
    return { text: instanceId, problems: [] };
  const remedy = 'Give the UUID of an instance of the plan, in lower case.';
  const what = (instanceId ?? null) === null ? 'is missing' : 'is not a UUID in lower case';
  return { text: null, problems: [problem('instanceId', what, remedy)] };
}

function problem(field: string, what: string, remedy: string): InputProblem {
  return { field, problem: what, remedy };
}
