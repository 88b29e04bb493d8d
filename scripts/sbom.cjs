'use strict';
// Prints what a worker is made of, as CycloneDX JSON: the dependencies of the package and its peers, with all that they
// need, from the lockfile alone. npm takes the SDK, which is a peer and pinned for developers, for a developer's tool.
//
//   npm run --silent sbom > sbom.json
const { execFileSync } = require('node:child_process');
const path = require('node:path');

const root = path.join(__dirname, '..');
const { dependencies, peerDependencies } = require('../package.json');

const args = ['sbom', '--offline', '--package-lock-only', '--sbom-format', 'cyclonedx'];
const whole = JSON.parse(
  execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }),
);

const needs = new Map(whole.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
const top = whole.metadata.component['bom-ref'];
const names = Object.keys({ ...dependencies, ...peerDependencies });
const direct = needs.get(top).filter((ref) => names.includes(ref.slice(0, ref.lastIndexOf('@'))));

const kept = new Set();
const queue = [...direct];
for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
  if (kept.has(ref)) continue;
  kept.add(ref);
  queue.push(...(needs.get(ref) ?? []));
}

const bom = {
  ...whole,
  components: whole.components.filter((component) => kept.has(component['bom-ref'])),
  dependencies: [
    { ref: top, dependsOn: direct },
    ...whole.dependencies.filter(({ ref }) => kept.has(ref)),
  ],
};
console.log(JSON.stringify(bom, null, 2));
