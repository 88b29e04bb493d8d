'use strict';
// Checks the Dockerfile where there is no builder: executes its steps in folders of their own, then runs
// what came out as another user, from files that it cannot change.
//
//   node scripts/check-image.cjs [--context DIR] [--only-start]
//
// Fails when a file that is copied is missing or ignored, when the image would run as root or through a
// shell, when a step fails, and when the command needs to write. --only-start leaves out the switchover
// that the image's worker performs on a real Temporal server and the simulator (needs `npm run build`).
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const REPOSITORY = path.join(__dirname, '..');
const STEP_TIMEOUT_MS = 600_000;
const START_TIMEOUT_MS = 60_000;

/** What the image is notified when nothing is set: exit code 2 and the settings that are missing. */
const USAGE_EXIT_CODE = 2;

function fail(message) {
  throw new Error(message);
}

/** Instructions as [{ name, rest, line }]; continued lines are joined, comments dropped. */
function parseDockerfile(text) {
  const instructions = [];
  let pending = '';
  let start = 0;
  text.split('\n').forEach((line, index) => {
    if (/^\s*#/.test(line) || (pending === '' && line.trim() === '')) return;
    if (pending === '') start = index + 1;
    pending += line.replace(/\\\s*$/, ' ');
    if (/\\\s*$/.test(line)) return;
    const [, name, rest] =
      /^\s*(\w+)\s+(.*)$/.exec(pending) ?? fail(`line ${start} is no instruction`);
    instructions.push({ name: name.toUpperCase(), rest: rest.trim(), line: start });
    pending = '';
  });
  return instructions;
}

/** The form of our .dockerignore: everything, but for the names that are given back. */
function readIgnore(context) {
  const lines = fs
    .readFileSync(path.join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*' || !lines.slice(1).every((line) => line.startsWith('!')))
    fail('.dockerignore: expected "*", then only lines that begin with "!"');
  return new Set(lines.slice(1).map((line) => line.slice(1)));
}

/** Executes the instructions; a stage is a folder. Gives the last one. */
function build(context, folder) {
  const allowed = readIgnore(context);
  const stages = new Map();
  const args = {};
  let stage;
  const text = fs.readFileSync(path.join(context, 'Dockerfile'), 'utf8');
  for (const { name, rest, line } of parseDockerfile(text)) {
    const value = rest.replace(/\$\{?(\w+)\}?/g, (_, variable) => args[variable] ?? '');
    console.log(`  ${name} ${value}`);
    if (stage === undefined && name !== 'FROM' && name !== 'ARG')
      fail(`line ${line}: ${name} before FROM`);
    switch (name) {
      case 'ARG': {
        const [variable, fallback = ''] = rest.split('=');
        args[variable] = fallback;
        break;
      }
      case 'FROM': {
        const [, base, alias] = /^(\S+)(?: AS (\S+))?$/i.exec(value) ?? fail(`line ${line}: FROM`);
        if (!/^(?:.*\/)?node:\d+-bookworm-slim$/.test(base))
          fail(`line ${line}: base image ${base}`);
        const root = path.join(folder, alias ?? 'final');
        fs.mkdirSync(root);
        stage = { root, workdir: '/', env: {}, user: null, entrypoint: null, cmd: null };
        stages.set(alias ?? 'final', stage);
        break;
      }
      case 'WORKDIR':
        stage.workdir = path.posix.resolve(stage.workdir, value);
        fs.mkdirSync(path.join(stage.root, stage.workdir), { recursive: true });
        break;
      case 'ENV': {
        const [variable, text_] = value.split('=');
        stage.env[variable] = text_;
        break;
      }
      case 'COPY':
        copy({ context, allowed, stages, stage }, value, line);
        break;
      case 'RUN':
        run(stage, value, line);
        break;
      case 'USER':
        stage.user = value;
        break;
      case 'ENTRYPOINT':
      case 'CMD':
        if (!value.startsWith('['))
          fail(`line ${line}: ${name} through a shell: signals would not arrive`);
        stage[name.toLowerCase()] = JSON.parse(value);
        break;
      default:
        fail(`line ${line}: ${name} is not known here`);
    }
  }
  return stage;
}

function copy({ context, allowed, stages, stage }, value, line) {
  const words = value.split(/\s+/);
  const from = words[0].startsWith('--from=') ? words.shift().slice('--from='.length) : null;
  if (words.some((word) => word.startsWith('--'))) fail(`line ${line}: COPY option`);
  const origin = from === null ? context : stages.get(from)?.root;
  if (origin === undefined) fail(`line ${line}: no stage ${from}`);
  const target = words.pop();
  for (const source of words) {
    const file = path.join(origin, source);
    if (!fs.existsSync(file)) fail(`line ${line}: ${source} does not exist`);
    if (from === null && !allowed.has(source) && !allowed.has(source.split('/')[0]))
      fail(`line ${line}: ${source} is ignored by .dockerignore`);
    const to = path.join(stage.root, path.posix.resolve(stage.workdir, target));
    const isFolder = fs.statSync(file).isDirectory();
    const intoFolder = target.endsWith('/') && !isFolder;
    fs.cpSync(file, intoFolder ? path.join(to, path.basename(file)) : to, {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

function run(stage, command, line) {
  const { status } = spawnSync('sh', ['-c', command], {
    cwd: path.join(stage.root, stage.workdir),
    env: { ...process.env, ...stage.env },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: STEP_TIMEOUT_MS,
  });
  if (status !== 0) fail(`line ${line}: the step ended with ${status}`);
}

/** User and command of the image, or the reason why it must not be run. */
function describe({ user, entrypoint, cmd, root }) {
  const [, uid, gid] =
    /^(\d+):(\d+)$/.exec(user ?? '') ?? fail('USER must be two numbers, uid:gid');
  if (Number(uid) === 0 || Number(gid) === 0) fail('the image would run as root');
  if (entrypoint === null || cmd === null) fail('ENTRYPOINT and CMD are needed');
  const [program, ...args] = [...entrypoint, ...cmd];
  if (program !== 'node') fail(`ENTRYPOINT begins with ${program}, not with node`);
  // There is no other root to change into: what begins with / lies in the stage's folder.
  const here = args.map((arg) => (arg.startsWith('/') ? path.join(root, arg) : arg));
  return { uid: Number(uid), gid: Number(gid), args: here };
}

/** Takes every right to write away, from everybody. */
function lock(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) lock(name);
    else if (entry.isFile()) fs.chmodSync(name, (fs.statSync(name).mode & 0o555) | 0o444);
  }
  fs.chmodSync(folder, 0o555);
}

/** The same, given back to us. */
function unlock(folder) {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) unlock(path.join(folder, entry.name));
}

/** Starts the image's command as its user; its home, folder and place for temporary files are read-only. */
function start(stage, env) {
  const { uid, gid, args } = describe(stage);
  const cwd = path.join(stage.root, stage.workdir);
  // Only root can become another user; anyone else is not root already.
  const identity = process.getuid() === 0 ? { uid, gid } : {};
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, TMPDIR: cwd, ...stage.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...identity,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  return { child, exited, output: () => output };
}

async function within(what, promise, process_) {
  const stop = new AbortController();
  const late = delay(START_TIMEOUT_MS, null, { signal: stop.signal }).then(() =>
    fail(`${what}: not within ${START_TIMEOUT_MS} ms`),
  );
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    process_.child.kill('SIGKILL');
    throw new Error(`${error.message}. Output: ${process_.output().slice(-2000)}`, {
      cause: error,
    });
  } finally {
    late.catch(() => undefined);
    stop.abort();
  }
}

/** Without any setting the command must get as far as saying so. */
async function checkStart(stage) {
  const process_ = start(stage, {});
  const code = await within('the start without settings', process_.exited, process_);
  if (code !== USAGE_EXIT_CODE)
    fail(
      `without settings it ended with ${code}, not ${USAGE_EXIT_CODE}: ${process_.output().slice(-2000)}`,
    );
}

/** A whole switchover by the image's worker, on a real Temporal server and the simulator. */
async function checkSwitchover(stage) {
  const { startLocalStack } = require('../dist/dev/stack.js');
  const { createDcsSwitchover } = require('../dist/client.js');
  const { Client, Connection } = require('@temporalio/client');
  const stack = await startLocalStack({ redis: false });
  const { simulator, temporal, taskQueue } = stack;
  // Its user may not read the files of ours; it needs none of them.
  const readOnly = { HOME: stage.root, TMPDIR: stage.root };
  const env = { ...stack.workerEnv(), ...readOnly, DCS_SWITCHOVER_HTTP_PORT: '0' };
  delete env.TEMPORAL_CONFIG_FILE;
  const process_ = start(stage, env);
  const connection = await Connection.connect({
    address: temporal.address,
    connectTimeout: '1 minute',
  });
  try {
    await within('the worker’s readiness', untilReady(process_), process_);
    const { switchover: client } = createDcsSwitchover({
      client: new Client({ connection, namespace: temporal.namespace }),
      taskQueue,
    });
    const [{ instanceId }] = simulator.instances;
    const input = { projectId: simulator.projectId, instanceId, toggle: true };
    const { outcome } = await within(
      'the switchover',
      client.result(await client.start(input)),
      process_,
    );
    if (outcome !== 'SUCCEEDED') fail(`the switchover ended ${outcome}`);
    process_.child.kill('SIGTERM');
    const code = await within('the end after SIGTERM', process_.exited, process_);
    if (code !== 0) fail(`after SIGTERM it ended with ${code}`);
  } finally {
    process_.child.kill('SIGKILL');
    await connection.close();
    await stack.close();
  }
}

async function untilReady(process_) {
  for (;;) {
    const [, port] = /"port":(\d+)/.exec(process_.output()) ?? [];
    if (port !== undefined) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (answer?.ok) return;
    }
    if (process_.child.exitCode !== null) fail(`it ended with ${process_.child.exitCode}`);
    await delay(200);
  }
}

/** What an image must not carry along. */
function checkContent(stage) {
  const modules = path.join(stage.root, stage.workdir, 'node_modules');
  for (const name of ['typescript', 'jest', 'eslint'])
    if (fs.existsSync(path.join(modules, name))) fail(`${name} is in the image`);
  const releases = path.join(modules, '@temporalio/core-bridge/releases');
  if (fs.existsSync(releases) && fs.readdirSync(releases).length !== 1)
    fail('the image has the SDK’s native parts of other platforms');
}

async function main(args) {
  const onlyStart = args.includes('--only-start');
  const at = args.indexOf('--context');
  const context = at < 0 ? REPOSITORY : path.resolve(args[at + 1]);
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'dcs-switchover-image-'));
  fs.chmodSync(folder, 0o755);
  try {
    console.log('Steps of the Dockerfile, without a builder:');
    const stage = build(context, folder);
    describe(stage);
    checkContent(stage);
    lock(stage.root);
    try {
      console.log('Start as another user, from read-only files …');
      await checkStart(stage);
      if (!onlyStart) {
        console.log('A switchover by the image’s worker …');
        await checkSwitchover(stage);
      }
    } finally {
      unlock(stage.root);
    }
    console.log('The image’s steps work.');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`check-image: ${error.message}`);
  process.exit(1);
});
