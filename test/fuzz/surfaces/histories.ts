/** Histories that `audit` is given: recorded ones after changes, inside of their payloads too, and any JSON. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';

import { auditHistory } from '../../../src/client.js';
import { edits, hostileLeaf } from '../hostile.js';
import { edited, toJsonText, toValue } from '../recipe.js';
import type { Edit, Recipe } from '../recipe.js';
import { checkClass, checkText } from '../surface.js';
import type { Surface } from '../surface.js';

const FOLDER = path.join(__dirname, '../../replay/histories');
const FILES = readdirSync(FOLDER).sort();

/** A recorded history, and what is changed of it. */
interface EditedHistory {
  readonly of: string;
  /** Of its events. */
  readonly edits: readonly Edit[];
  /** Of what a payload holds, by its number. */
  readonly payloads: readonly { readonly at: number; readonly edits: readonly Edit[] }[];
}

type Case = EditedHistory | { readonly any: Recipe };

const editedHistory: fc.Arbitrary<EditedHistory> = fc.record({
  of: fc.constantFrom(...FILES),
  edits: fc.oneof(fc.constant([]), edits),
  payloads: fc.array(fc.record({ at: fc.nat(60), edits }), { maxLength: 3 }),
});

/** Ours, or the words of an error that says what is wrong. */
const CLASSES = ['InvalidInputError', 'PayloadsEncodedError', 'CodecError'];

export const histories: Surface<Case> = {
  name: 'histories',
  inputs: fc.oneof(
    { weight: 9, arbitrary: editedHistory },
    { weight: 1, arbitrary: fc.record({ any: hostileLeaf }) },
  ),
  check: async (input) => {
    const json = 'any' in input ? toValue(input.any) : toHistory(input);
    try {
      const report = await auditHistory(json, { env: {} });
      for (const { name, found, sentence } of report.violations)
        checkText('a violation', `${name} ${found} ${sentence}`, 1_000);
      checkText('a run', `${report.runId} ${report.ended} ${report.outcome ?? ''}`, 500);
    } catch (error) {
      const { message } = checkClass(error, CLASSES);
      checkText('a message', message, 500);
    }
  },
};

function toHistory({ of, edits, payloads }: EditedHistory): unknown {
  const recorded = JSON.parse(readFileSync(path.join(FOLDER, of), 'utf8')) as Recipe;
  const found: { data: string }[] = [];
  JSON.stringify(recorded, (key, value: unknown) => {
    if (key !== '' && isPayload(value)) found.push(value);
    return value;
  });
  for (const change of payloads) {
    // Each once: after that it may be no JSON any more.
    const [payload] = found.splice(change.at % found.length, 1);
    if (payload === undefined) continue;
    const inner = JSON.parse(Buffer.from(payload.data, 'base64').toString()) as Recipe;
    const text = toJsonText(edited(inner, change.edits));
    payload.data = Buffer.from(text).toString('base64');
  }
  return edits.length === 0 ? recorded : toValue(edited(recorded, edits));
}

function isPayload(value: unknown): value is { data: string } {
  return typeof value === 'object' && value !== null && 'data' in value && 'metadata' in value;
}
