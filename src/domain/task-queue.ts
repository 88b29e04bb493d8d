/** Longest name that Temporal takes by default (`limit.maxIDLength`), as far as ours go. */
const MAX_LENGTH = 200;

/** Line breaks, invisible and direction marks: such a name is not the one that people read. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** What is wrong with a task queue's name, as a clause such as `is empty`; `null`: nothing. */
export function findTaskQueueProblem(name: string): string | null {
  if (name.trim() === '') return 'is empty';
  if (name.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (name !== name.trim()) return 'begins or ends with a space';
  return INVISIBLE.test(name) ? 'holds a line break or another invisible character' : null;
}
