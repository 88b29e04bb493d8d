'use strict';
// The modules of the package and of its tests, loaded afresh for every mutant, as Jest loads them for every file:
// compiled once, evaluated again. What comes from node_modules is loaded once.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { compileFunction } = require('node:vm');
const { transformSync } = require('@swc/core');

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
const SWC = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
};

const compiled = new Map();

function compile(filename) {
  if (!compiled.has(filename)) {
    const { code } = transformSync(readFileSync(filename, 'utf8'), { ...SWC, filename });
    compiled.set(filename, compileFunction(code, PARAMETERS, { filename }));
  }
  return compiled.get(filename);
}

const isSource = (name) => name.startsWith('.') && name.endsWith('.js');

/** Gives `load(file)`, and what it has loaded; `substitutes` stand in for packages. */
function createRegistry(substitutes) {
  const loaded = new Map();

  function requireFrom(filename) {
    const outside = createRequire(filename);
    const inside = (name) => {
      if (name in substitutes) return substitutes[name];
      const file = path.resolve(path.dirname(filename), name);
      if (isSource(name) && !file.includes('/dist/')) return load(file.replace(/\.js$/, '.ts'));
      return outside(name);
    };
    return Object.assign(inside, { resolve: outside.resolve });
  }

  function load(filename) {
    const known = loaded.get(filename);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(filename, module);
    const folder = path.dirname(filename);
    compile(filename)(module.exports, requireFrom(filename), module, filename, folder);
    return module.exports;
  }

  return { load, has: (filename) => loaded.has(filename) };
}

module.exports = { createRegistry };
