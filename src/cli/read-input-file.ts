import { readFile, stat } from 'node:fs/promises';

import { isRecord } from '../util.js';

import { UsageError } from './cli-errors.js';

/** A larger file is not one that a person wrote for this purpose. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads an object from a file of JSON or YAML 1.2 (of which JSON is a part). Dates stay texts; what the
 * fields may be is judged later.
 *
 * @throws UsageError that names the file, and line and column where it breaks
 */
export async function readInputFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readTextFile('--file', path);
  const value = await parse(text).catch((error: unknown) => {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(`--file ${path}: ${problem.replace(/[.:]$/, '')}.`);
  });
  if (isRecord(value) && !Array.isArray(value)) return value;
  throw new UsageError(`--file ${path}: holds no object; write it as "field: value" lines.`);
}

async function parse(text: string): Promise<unknown> {
  const { parseDocument, visit } = await import('yaml');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    // An id of digits alone is no number: what would not be written the same again stays as it is.
    Scalar: (_, node) => {
      if (typeof node.value === 'number' && String(node.value) !== node.source)
        node.value = node.source;
    },
  });
  return document.toJS();
}

/** The text of a file that an option names. @throws UsageError that names both */
export async function readTextFile(option: string, path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_FILE_BYTES) return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${option} ${path}: larger than ${MAX_FILE_BYTES} bytes.`);
}
