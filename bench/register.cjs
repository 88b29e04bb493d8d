'use strict';
// Lets Node load the TypeScript of bench/. What that imports of src/ comes from dist/: the types are the
// source's, the figures are those of what is shipped.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const ROOT = path.join(__dirname, '..');
const SRC = path.join(ROOT, 'src') + path.sep;
const DIST = path.join(ROOT, 'dist') + path.sep;

const SWC_OPTIONS = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

function redirect(request, parent) {
  if (!request.startsWith('.') || !parent?.filename?.endsWith('.ts')) return request;
  const file = path.resolve(path.dirname(parent.filename), request);
  return file.startsWith(SRC) ? file.replace(SRC, DIST) : file.replace(/\.js$/, '.ts');
}

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, parent, ...rest) =>
  resolveFilename(redirect(request, parent), parent, ...rest);

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...SWC_OPTIONS, filename });
  module._compile(code, filename);
};

/** Runs `main` of a module with the arguments of this process, and ends with the exit code that it gives. */
exports.run = (load) =>
  load()
    .main(process.argv.slice(2))
    .then(
      (exitCode) => process.exit(exitCode),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
