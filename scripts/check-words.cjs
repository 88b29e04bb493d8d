'use strict';
// Refuses the words that docs/glossary.md has retired: `npm run check`. The list is data: retired-words.json.
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const { words, allowed } = JSON.parse(
  readFileSync(path.join(__dirname, 'retired-words.json'), 'utf8'),
);
const PLACES = ['src', 'test', 'docs', 'schemas', 'examples', '*.md'];
const SKIPPED = /^test\/(replay\/histories|.*captures?)\/|\.(png|svg)$|\.pb\.|package-lock/;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...PLACES], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)) && !SKIPPED.test(file));
const rules = words.map(({ word, use }) => ({ pattern: new RegExp(word), use }));

/** Whether a line is one of the listed exceptions: a file, and a part of the line. */
const isAllowed = (file, line) =>
  allowed.some((entry) => entry.file === file && line.includes(entry.text));

const found = files.flatMap((file) =>
  readFileSync(path.join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => pattern.test(line) && !isAllowed(file, line))
        .map(({ pattern, use }) => ({
          file,
          line,
          text: `${file}:${index + 1}: "${pattern.exec(line)[0]}"; use: ${use}`,
        })),
    ),
);
const isDead = ({ file, text }) =>
  !existsSync(path.join(root, file)) || !readFileSync(path.join(root, file), 'utf8').includes(text);
const dead = allowed
  .filter(isDead)
  .map(({ file }) => `retired-words.json: nothing to allow in ${file}`);
if (process.argv.includes('--json')) console.log(JSON.stringify(found));
else for (const text of [...found.map((hit) => hit.text), ...dead]) console.error(text);
process.exitCode = found.length + dead.length === 0 ? 0 : 1;
