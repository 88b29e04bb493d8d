'use strict';
// Changes src/domain/ and src/dcs/ in every small way that Stryker knows, one at a time, and counts how many changes
// their tests find. Only what changed since the last run is tried again. Ends with 1 where a folder misses its score.
//
//   npm run mutation -- [--mutate 'src/domain/checks/*.ts'] [--force]
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const { fetchPackages } = require('./fetch-packages.cjs');

const ROOT = path.join(__dirname, '..');
const REPORT = path.join(ROOT, '.cache/mutation/report.json');
const CONFIG = path.join(__dirname, 'mutation/stryker.config.cjs');

/** Per cent of the changes that a folder's tests find. */
const LOWEST = 85;
const FOLDERS = ['src/domain/', 'src/dcs/'];

const FOUND = ['Killed', 'Timeout'];
const MISSED = ['Survived', 'NoCoverage'];

function runStryker(args) {
  const packages = fetchPackages(path.join(__dirname, 'mutation'), 'stryker');
  const stryker = path.join(packages, '@stryker-mutator/core/bin/stryker.js');
  const options = { cwd: ROOT, stdio: 'inherit' };
  return spawnSync(process.execPath, [stryker, 'run', CONFIG, ...args], options).status ?? 1;
}

/** The folders that hold the files, with those above them up to the two that are judged. */
const foldersOf = (file) =>
  FOLDERS.filter((folder) => file.startsWith(folder)).concat(
    FOLDERS.includes(`${path.dirname(file)}/`) ? [file] : [`${path.dirname(file)}/`],
  );

function count(files) {
  const counts = new Map();
  for (const [file, { mutants }] of Object.entries(files))
    for (const place of foldersOf(file)) {
      const { found, missed } = counts.get(place) ?? { found: 0, missed: 0 };
      const of = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
      counts.set(place, { found: found + of(FOUND), missed: missed + of(MISSED) });
    }
  return [...counts].map(([place, { found, missed }]) => ({
    place,
    found,
    missed,
    score: (100 * found) / (found + missed),
  }));
}

/** What no test found, as text: where, and what stands there instead. */
function survivors(files) {
  return Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants
      .filter(({ status }) => MISSED.includes(status))
      .map(({ location: { start }, mutatorName, replacement }) => {
        const change = (replacement ?? mutatorName).replaceAll(/\s+/g, ' ').slice(0, 100);
        return `${file}:${start.line}:${start.column} ${change}`;
      }),
  );
}

function main(args) {
  const status = runStryker(args);
  if (status !== 0) return status;
  const { files } = JSON.parse(readFileSync(REPORT, 'utf8'));
  for (const line of survivors(files)) console.log(line);
  const scores = count(files).sort((a, b) => a.place.localeCompare(b.place));
  for (const { place, found, missed, score } of scores)
    console.log(
      `${score.toFixed(1).padStart(5)} % ${place} (${missed} of ${found + missed} missed)`,
    );
  const low = scores.filter(({ place, score }) => FOLDERS.includes(place) && score < LOWEST);
  return low.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
