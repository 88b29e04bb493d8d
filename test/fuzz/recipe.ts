/**
 * Hostile JSON, written small. A recipe is JSON of which some objects stand for what would be long, deep or not JSON
 * at all, so that a case can be shrunk, kept in a file and read by people:
 *
 *   {"$repeat": ["text", times]}   a long text
 *   {"$deep": levels}              an object in an object in an object …
 *   {"$list": [recipe, times]}     a long list
 *   {"$raw": "text"}               these very characters: numbers that no double holds, broken JSON
 *   {"$pairs": [[name, recipe]]}   fields in this order, names twice included
 */

/** See above. */
export type Recipe = unknown;

/** What is changed of something that would be accepted. */
export interface Edit {
  /** Which node, counted from the root; larger numbers begin again. */
  readonly at: number;
  /** `put` replaces the node; `drop` takes it out; `add` gives an object, or a list, one more. */
  readonly how: 'put' | 'drop' | 'add';
  readonly name: string;
  readonly value: Recipe;
}

/** A recipe as the text of its JSON. */
export function toJsonText(recipe: Recipe): string {
  if (typeof recipe !== 'object' || recipe === null) return JSON.stringify(recipe);
  if (Array.isArray(recipe)) return `[${recipe.map(toJsonText).join(',')}]`;
  const [[name, value] = ['', null], ...others] = Object.entries(recipe);
  const special = others.length === 0 && Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : undefined;
  return special?.(value) ?? toObjectText(Object.entries(recipe));
}

const SPECIAL: Readonly<Record<string, ((value: unknown) => string) | undefined>> = {
  $repeat: (value) => {
    const [text, times] = value as [string, number];
    return JSON.stringify(text.repeat(times));
  },
  $deep: (levels) => `${'{"a":'.repeat(Number(levels))}1${'}'.repeat(Number(levels))}`,
  $list: (value) => {
    const [entry, times] = value as [Recipe, number];
    return `[${Array<string>(times).fill(toJsonText(entry)).join(',')}]`;
  },
  $raw: String,
  $pairs: (pairs) => toObjectText(pairs as [string, Recipe][]),
};

function toObjectText(pairs: readonly (readonly [string, Recipe])[]): string {
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${toJsonText(value)}`).join(',')}}`;
}

/** What the recipe stands for; `undefined` where its text is no JSON. */
export function toValue(recipe: Recipe): unknown {
  try {
    return JSON.parse(toJsonText(recipe)) as unknown;
  } catch {
    return undefined;
  }
}

/** Something that would be accepted, after these changes, as a recipe. */
export function edited(base: Recipe, edits: readonly Edit[]): Recipe {
  return edits.reduce(applyEdit, base);
}

const DROPPED = Symbol('dropped');

function applyEdit(base: Recipe, edit: Edit): Recipe {
  const counter = { left: edit.at % countNodes(base) };
  const changed = rebuild(base, edit, counter);
  return changed === DROPPED ? null : changed;
}

/** Whether a node is changed as a whole only. */
function isWhole(node: Recipe): boolean {
  return typeof node !== 'object' || node === null || (Object.keys(node)[0] ?? '').startsWith('$');
}

function countNodes(node: Recipe): number {
  if (isWhole(node)) return 1;
  return (
    1 + Object.values(node as object).reduce<number>((sum, inner) => sum + countNodes(inner), 0)
  );
}

function rebuild(node: Recipe, edit: Edit, counter: { left: number }): Recipe {
  if (counter.left-- === 0) return change(node, edit);
  if (isWhole(node)) return node;
  const entries = Object.entries(node as Readonly<Record<string, Recipe>>)
    .map(([name, inner]) => [name, rebuild(inner, edit, counter)] as const)
    .filter(([, inner]) => inner !== DROPPED);
  return Array.isArray(node) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function change(node: Recipe, { how, name, value }: Edit): Recipe {
  if (how === 'put') return value;
  if (how === 'drop') return DROPPED;
  if (Array.isArray(node)) return [...(node as Recipe[]), value];
  if (isWhole(node)) return value;
  return { $pairs: [...Object.entries(node as object), [name, value]] };
}
