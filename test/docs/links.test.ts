/** Every relative link of every Markdown file leads to a file, and every anchor to a heading of it. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');

const markdownIn = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));

const FILES = [...markdownIn('.'), ...markdownIn('docs')];

/** A page without its code: neither links nor headings are looked for in there. */
function proseOf(file: string): string {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(file: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...proseOf(file).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

function linksOf(file: string): readonly string[] {
  const prose = proseOf(file).replaceAll(/`[^`\n]*`/g, 'code');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** What is wrong with a link; `null` where nothing is. Other hosts are not asked. */
function problemOf(file: string, link: string): string | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [target = '', anchor] = link.split('#');
  const to = target === '' ? file : path.join(path.dirname(file), target);
  if (!existsSync(path.join(ROOT, to))) return `${link}: no such file`;
  if (anchor === undefined || anchorsOf(to).includes(anchor)) return null;
  return `${link}: no such heading`;
}

describe('links of', () => {
  test.each(FILES)('%s lead somewhere', (file) => {
    const problems = linksOf(file).map((link) => problemOf(file, link));
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
  });
});

test('the pages that this looks at have links, with and without anchors', () => {
  const links = FILES.flatMap(linksOf);
  expect(links).toContain('docs/configuration.md');
  expect(links.filter((link) => link.includes('#')).length).toBeGreaterThan(10);
  expect(problemOf('README.md', 'docs/absent.md')).not.toBeNull();
  expect(problemOf('README.md', '#absent')).not.toBeNull();
});
