import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { format } from 'prettier';

/** The document whose marked sections are generated. */
export const DOCUMENT = path.join(__dirname, '../../docs/benchmark.md');

/** The generated sections. */
export type SectionName = 'counts' | 'figures' | 'machine' | 'probe' | 'sizes';

/** Replaces the text between the markers of each section. @throws Error for a marker that is missing */
export async function writeSections(
  sections: Partial<Record<SectionName, readonly string[]>>,
): Promise<void> {
  await writeFile(DOCUMENT, await withSections(await readFile(DOCUMENT, 'utf8'), sections));
}

/** Whether the document says what these sections say. */
export async function areSectionsCurrent(
  sections: Partial<Record<SectionName, readonly string[]>>,
): Promise<boolean> {
  const text = await readFile(DOCUMENT, 'utf8');
  return text === (await withSections(text, sections));
}

async function withSections(
  text: string,
  sections: Partial<Record<SectionName, readonly string[]>>,
): Promise<string> {
  const changed = Object.entries(sections).reduce((before, [name, lines]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [before.indexOf(start), before.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/benchmark.md has no section ${name}`);
    return `${before.slice(0, from + start.length)}\n\n${lines.join('\n')}\n\n${before.slice(to)}`;
  }, text);
  return format(changed, { parser: 'markdown', printWidth: 100, singleQuote: true });
}
