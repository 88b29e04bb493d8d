/**
 * Keeps what a suite shows to people: what a command prints, clients and queries answer, workers log, receivers are
 * sent. Of all that, only texts in which a command may stand.
 */

/** By suite: each has its modules for itself. */
const shown = new Set<string>();
const growing: (() => string)[] = [];

/** Keeps all texts of a value, however deep in it, and of the JSON in them; gives it back. */
export function showed<T>(value: T): T {
  keep(value);
  return value;
}

/** Keeps a text that is still being written. */
export function willHaveShown(read: () => string): void {
  growing.push(read);
}

/** Keeps whatever the methods of a client answer or throw. */
export function showing<C extends object>(client: C): C {
  return new Proxy(client, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member === 'object' && member !== null) return showing(member);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args);
        if (answer instanceof Promise) answer.then(showed, showed);
        return answer;
      };
    },
  });
}

/** All texts that were shown so far. */
export function shownTexts(): readonly string[] {
  for (const read of growing.splice(0)) keep(read());
  return [...shown];
}

function keep(value: unknown): void {
  if (typeof value === 'string') keepText(value);
  else if (value instanceof Error)
    keep([value.message, value.cause, ...(Object.values(value) as unknown[])]);
  else if (Array.isArray(value)) value.forEach(keep);
  else if (isPlain(value)) Object.values(value).forEach(keep);
}

/** What else there may be, such as a handle or a function, shows nothing. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

function keepText(text: string): void {
  if (!/\b(?:dcs-switchover|temporal) /.test(text)) return;
  const rest = text.split('\n').filter((line) => {
    const data = dataOf(line);
    if (data !== undefined) keep(data);
    return data === undefined;
  });
  if (rest.length > 0) shown.add(rest.join('\n'));
}

/** A line of JSON, such as a log's, or a field of what is printed over several; `undefined` where it is text. */
function dataOf(line: string): unknown {
  const json = /^\s*"\w+": (".*"),?$/.exec(line)?.[1] ?? line;
  if (!/^[{["]/.test(json)) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
