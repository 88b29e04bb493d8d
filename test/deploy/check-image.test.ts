/** The check of the image fails for every image that must not be shipped. The whole one runs in CI. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, describe, expect, test } from '@jest/globals';

const SCRIPT = path.join(__dirname, '../../scripts/check-image.cjs');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const GOOD = {
  Dockerfile: [
    'ARG BASE=node:22-bookworm-slim',
    'FROM ${BASE} AS build',
    'WORKDIR /app',
    'COPY main.js ./',
    'RUN cp main.js built.js',
    'FROM ${BASE}',
    'WORKDIR /app',
    'COPY --from=build /app/built.js dist/main.js',
    'USER 1000:1000',
    'ENTRYPOINT ["node", "/app/dist/main.js"]',
    'CMD ["worker"]',
  ].join('\n'),
  '.dockerignore': '*\n!main.js\n',
  'main.js': 'process.exit(process.argv[2] === "worker" ? 2 : 1);',
};

/** Checks a small image in which something was changed. */
function check(changes: (files: typeof GOOD) => Partial<typeof GOOD> = () => ({})) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-context-'));
  folders.push(folder);
  const files = { ...GOOD, ...changes(GOOD) };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const args = [SCRIPT, '--context', folder, '--only-start'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

const dockerfile = (from: string | RegExp, to: string) => (files: typeof GOOD) => ({
  Dockerfile: files.Dockerfile.replace(from, to),
});

const main = (code: string) => () => ({ 'main.js': `${code}; process.exit(2);` });

describe('the check of the image', () => {
  test('passes an image that is in order', () => {
    expect(check()).toEqual({ status: 0, stderr: '' });
  });

  test.each<[string, (files: typeof GOOD) => Partial<typeof GOOD>, RegExp]>([
    [
      'copies what is missing',
      dockerfile('COPY main.js', 'COPY main.js other.js'),
      /other\.js does not/,
    ],
    [
      'copies what is ignored',
      () => ({ '.dockerignore': '*\n!other.js\n' }),
      /main\.js is ignored/,
    ],
    ['has a step that fails', dockerfile('RUN cp', 'RUN false && cp'), /line 5: the step ended/],
    ['names no user', dockerfile(/USER.*\n/, ''), /USER must be two numbers/],
    ['names its user by a word', dockerfile('1000:1000', 'node'), /USER must be two numbers/],
    ['runs as root', dockerfile('1000:1000', '0:0'), /would run as root/],
    ['runs in the group of root', dockerfile('1000:1000', '1000:0'), /would run as root/],
    [
      'starts through a shell',
      dockerfile(/ENTRYPOINT.*/, 'ENTRYPOINT node /app/dist/main.js'),
      /shell/,
    ],
    ['starts through npm', dockerfile('"node", ', '"npm", '), /begins with npm/],
    [
      'has a health check',
      dockerfile('USER', 'HEALTHCHECK CMD true\nUSER'),
      /HEALTHCHECK is not known/,
    ],
    ['is of another base', dockerfile('node:22-bookworm-slim', 'node:22'), /base image node:22/],
    ['does not start', () => ({ 'main.js': 'process.exit(1)' }), /ended with 1, not 2/],
    [
      'writes beside its code',
      main('require("node:fs").writeFileSync(__dirname + "/state", "")'),
      /EACCES|EROFS/,
    ],
    ['changes its code', main('require("node:fs").appendFileSync(__filename, "")'), /EACCES|EROFS/],
    [
      'needs temporary files',
      main('require("node:fs").mkdtempSync(require("node:os").tmpdir() + "/x")'),
      /EACCES|EROFS/,
    ],
  ])('fails an image that %s', (_, changes, why) => {
    const { status, stderr } = check(changes);
    expect(stderr).toMatch(why);
    expect(status).toBe(1);
  });
});
