import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const BUILTINS = ['node:*', 'fs', 'path', 'http', 'https', 'net', 'crypto', 'os', 'child_process'];
const EDGE_LIBRARIES = ['axios', 'zod', 'pino', 'commander', '@redis/client'];
const SERVER_SIDE = ['@temporalio/worker', '@temporalio/testing', '@temporalio/core-bridge'];

/**
 * The arrows of ARCHITECTURE.md: what each room may import; a door (`worker.ts`) counts with its room.
 * `types` are rooms of which only types may be imported.
 */
const ARROWS = {
  contract: { may: [] },
  domain: { may: ['contract', 'util'] },
  windows: { may: ['contract', 'domain'] },
  schema: { may: ['contract', 'domain', 'windows', 'util'] },
  temporal: { may: ['contract', 'domain', 'direct-request', 'util'] },
  notifications: { may: ['contract', 'domain', 'direct-request', 'util'] },
  dcs: { may: ['util', 'package-version'] },
  'data-plane': { may: ['contract', 'domain', 'util'] },
  config: { may: ['contract', 'domain', 'data-plane', 'dcs', 'notifications', 'util'] },
  activities: {
    may: [
      ...['contract', 'domain', 'data-plane', 'dcs', 'notifications', 'schema', 'temporal'],
      ...['windows', 'util'],
    ],
  },
  workflows: { may: ['contract', 'domain', 'util'], types: ['activities'] },
  client: { may: ['contract', 'domain', 'schema', 'temporal', 'windows', 'util'] },
  worker: {
    may: [
      ...['contract', 'domain', 'config', 'activities', 'notifications', 'temporal', 'projects'],
      ...['free-ports', 'package-version', 'util'],
    ],
  },
  doctor: {
    may: [
      ...['contract', 'domain', 'config', 'data-plane', 'dcs', 'activities', 'temporal'],
      ...['projects', 'util'],
    ],
  },
  certify: {
    may: ['contract', 'domain', 'config', 'dcs', 'doctor', 'package-version', 'util'],
  },
  simulator: { may: [] },
  dev: { may: ['contract', 'data-plane', 'simulator', 'free-ports'] },
};

/** Why a room may not import a library. */
const LIBRARIES = {
  contract: [['@temporalio/*', ...EDGE_LIBRARIES, ...BUILTINS], 'contract is pure'],
  domain: [
    ['@temporalio/*', ...EDGE_LIBRARIES, ...BUILTINS],
    'domain is pure: it also runs in the sandbox',
  ],
  // Zone data may differ between workers: windows are resolved outside the sandbox, once.
  windows: [
    ['@temporalio/*', ...EDGE_LIBRARIES, ...BUILTINS],
    'windows are calculated, nothing is called',
    true,
  ],
  temporal: [
    [...SERVER_SIDE, '@temporalio/activity', '@temporalio/workflow', ...EDGE_LIBRARIES],
    'clients load it: no native module, no HTTP client',
  ],
  notifications: [['@temporalio/*', ...EDGE_LIBRARIES], 'notifications know nothing of Temporal'],
  dcs: [['@temporalio/*'], 'the DCS client knows nothing of Temporal'],
  'data-plane': [['@temporalio/*', ...EDGE_LIBRARIES], 'raw sockets: built-ins alone'],
  config: [['axios', '@temporalio/*'], 'settings are data: nothing is called'],
  activities: [['axios', ...SERVER_SIDE], 'HTTP belongs to src/dcs, workers to src/worker'],
  workflows: [
    [...SERVER_SIDE, '@temporalio/client', '@temporalio/activity', ...EDGE_LIBRARIES, ...BUILTINS],
    'not available in the workflow sandbox',
  ],
  client: [[...SERVER_SIDE, 'axios'], 'the client entry loads no native module and no HTTP client'],
  worker: [['axios', '@temporalio/testing'], 'HTTP to DCS belongs to src/dcs'],
  doctor: [[...SERVER_SIDE, 'axios', 'commander'], 'HTTP belongs to src/dcs, arguments to src/cli'],
  certify: [['axios', '@temporalio/*', 'commander'], 'watches by readings of the doctor alone'],
  simulator: [
    ['axios', '@temporalio/*'],
    'the simulator is a second implementation of the protocol and shares nothing with the code it tests',
  ],
};

const ROOMS = [
  ...[...Object.keys(ARROWS), 'cli', 'util', 'projects', 'direct-request'],
  ...['free-ports', 'package-version'],
];
const up = (names) => names.flatMap((name) => [`**/../${name}/**`, `**/../${name}.js`]);

/** Forbids what a folder must not reach; each entry: [patterns, reason, type imports allowed?]. */
const forbid = (...rules) => ({
  '@typescript-eslint/no-restricted-imports': [
    'error',
    {
      patterns: [
        { group: ['dcs-switchover', 'dcs-switchover/*'], message: 'Use a relative import.' },
        ...rules.map(([group, message, allowTypeImports = false]) => ({
          group,
          message,
          allowTypeImports,
        })),
      ],
    },
  ],
});

/** What a room may not import, by the tables above. */
const rulesOf = (room) => {
  const { may, types = [] } = ARROWS[room];
  const closed = ROOMS.filter((each) => each !== room && ![...may, ...types].includes(each));
  return [
    [up(closed), `src/${room} may not import this: see the arrows of ARCHITECTURE.md`],
    ...(types.length === 0 ? [] : [[up(types), 'only types', true]]),
    ...(LIBRARIES[room] === undefined ? [] : [LIBRARIES[room]]),
  ];
};

const room = (name, ...more) => ({
  files: [`src/${name}/**/*.ts`, `src/${name}.ts`],
  rules: forbid(...rulesOf(name), ...more),
});

/** Syntax that no source uses. */
const SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
];

/** Reading a clock, which only one module may: see src/domain/clocks.ts. */
const CLOCKS = [
  'MemberExpression[object.name="Date"][property.name="now"]',
  'NewExpression[callee.name="Date"][arguments.length=0]',
  'MemberExpression[object.name="performance"][property.name="now"]',
].map((selector) => ({ selector, message: 'Ask src/activities/clock.ts: whose time is it?' }));

/** `senders` are the modules on the route to the PUT that these workflow files may not import. */
const workflows = (files, senders) => ({
  files: files.map((file) => `src/workflows/**/${file}`),
  rules: forbid(...rulesOf('workflows'), [
    senders.flatMap((name) => [`./${name}.js`, `../${name}.js`]),
    'this module must not be able to send a PUT',
  ]),
});

/** Of the activities the doctor may see only the view of the rows. */
const DOCTOR = [['**/../activities/**', '!**/../activities/clock.js'], 'the doctor reads only'];

export default tseslint.config(
  // The consumer project and the examples are compiled against the packed package, by their own settings.
  { ignores: ['dist', 'coverage', '.cache', 'test/package/consumer', 'examples'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-syntax': ['error', ...SYNTAX],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'bench/**/*.ts'],
    rules: {
      ...forbid(),
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 60],
      complexity: ['error', 12],
    },
  },
  {
    // Texts of others are matched: none of them may cost more than its length.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  ...Object.keys(ARROWS).map((name) => room(name)),
  // Only `send.ts` may name the swap activity, and only the forward path may send: `verify` and `adopt`
  // (examine.ts, and all that it imports) cannot.
  workflows(['*.ts'], ['send', 'compensate', 'switchover']),
  workflows(['index.ts'], ['send', 'compensate']),
  workflows(['switchover.ts'], ['switchover']),
  workflows(['compensate.ts'], ['compensate', 'switchover']),
  workflows(['send.ts'], ['send', 'compensate', 'switchover']),
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'It takes the proxy of the environment: use direct-request.' },
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'AbortSignal',
          property: 'timeout',
          message: 'Within AbortSignal.any it may never abort: use timeoutSignal of util.',
        },
      ],
    },
  },
  {
    files: ['src/{contract,domain,workflows}/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'performance'] },
  },
  {
    files: [
      'src/{domain,activities}/**/*.ts',
      'src/temporal/{run-history,run-list,swap-trace,examined-run,examined-witness,same-request,earlier-run}.ts',
    ],
    ignores: ['src/activities/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', ...SYNTAX, ...CLOCKS] },
  },
  room('doctor', DOCTOR, [
    ['**/../projects.js'],
    'a client that could swap exists in open-project.ts only',
    true,
  ]),
  { files: ['src/doctor/open-project.ts'], rules: forbid(...rulesOf('doctor'), DOCTOR) },
  {
    files: ['src/doctor/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        { selector: 'Identifier[name=/^(requestSwap|createDcsClient)$/]', message: 'Reads only.' },
      ],
    },
  },
  {
    files: ['src/cli/**/*.ts', 'src/cli.ts'],
    rules: forbid([['**/client/**'], 'the face of the room client is src/client.ts']),
  },
  {
    files: ['src/projects.ts'],
    rules: forbid(
      [[...SERVER_SIDE, 'axios'], 'HTTP belongs to src/dcs, workers to src/worker'],
      [
        ['client', 'cli', 'simulator', 'dev', 'doctor', 'workflows', 'worker'].flatMap((name) => [
          `./${name}/**`,
          `./${name}.js`,
        ]),
        'projects joins config, dcs and activities',
      ],
    ),
  },
  {
    files: ['test/**/*.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect*', 'fc.assert'] }],
    },
  },
  {
    files: ['**/*.{cjs,mjs}'],
    languageOptions: {
      globals: {
        require: 'readonly',
        module: 'writable',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
  prettier,
);
