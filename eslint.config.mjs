import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

const BUILTINS = ['node:*', 'fs', 'path', 'http', 'https', 'net', 'crypto', 'os', 'child_process'];
const EDGE_LIBRARIES = ['axios', 'zod', 'pino', 'commander', '@redis/client'];
const SERVER_SIDE = ['@temporalio/worker', '@temporalio/testing', '@temporalio/core-bridge'];

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

const folder = (name, ...rules) => ({ files: [`src/${name}/**/*.ts`], rules: forbid(...rules) });
const up = (...names) => names.flatMap((name) => [`**/../${name}/**`, `**/../${name}.js`]);

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

/** Diagnostics read: configuration, Temporal and DCS. Of the activities only the view of the rows. */
const DIAGNOSTICS = [
  [[...SERVER_SIDE, 'axios', 'commander'], 'HTTP belongs to src/dcs, arguments to src/cli'],
  [
    [
      ...up('workflows', 'cli', 'simulator', 'local', 'worker'),
      '**/../activities/**',
      '!**/../activities/snapshots.js',
    ],
    'diagnostics are imported by the command only',
  ],
];
/** What workflow files may import; `senders` are the modules on the way to the PUT that they may not. */
const workflows = (files, senders) => ({
  files: files.map((file) => `src/workflows/**/${file}`),
  rules: forbid(
    [
      [
        ...SERVER_SIDE,
        '@temporalio/client',
        '@temporalio/activity',
        ...EDGE_LIBRARIES,
        ...BUILTINS,
      ],
      'not available in the workflow sandbox',
    ],
    [
      up(
        ...['dcs', 'schema', 'run-history', 'client', 'config', 'cli', 'simulator', 'local'],
        ...['worker', 'data-converter', 'windows'],
      ),
      'workflows import contract and domain only',
    ],
    [['**/activities/**'], 'only types of activities', true],
    [
      senders.flatMap((name) => [`./${name}.js`, `../${name}.js`]),
      'this module must not be able to send a PUT',
    ],
  ),
});

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
  // The arrows of ARCHITECTURE.md: contract <- domain <- edges, and dcs <- activities.
  folder('contract', [
    ['../*', '@temporalio/*', ...EDGE_LIBRARIES, ...BUILTINS],
    'contract is pure',
  ]),
  folder(
    'domain',
    [
      ['@temporalio/*', ...EDGE_LIBRARIES, ...BUILTINS],
      'domain is pure: it also runs in the sandbox',
    ],
    [
      up(
        'dcs',
        'schema',
        'windows',
        'activities',
        'workflows',
        'run-history',
        'client',
        'config',
        'cli',
        'simulator',
        'local',
        'data-converter',
        'worker',
      ),
      'domain imports contract only',
    ],
  ),
  // Zone data may differ between workers: windows are resolved outside the sandbox, once.
  folder(
    'windows',
    [
      ['@temporalio/*', ...EDGE_LIBRARIES, ...BUILTINS],
      'windows are calculated, nothing is called',
      true,
    ],
    [
      up(
        ...['dcs', 'schema', 'activities', 'workflows', 'run-history', 'client', 'config', 'cli'],
        ...['simulator', 'local', 'data-converter', 'worker'],
      ),
      'windows import contract and domain only',
    ],
  ),
  // Only `send.ts` may name the swap activity, and only the forward path may send: `verify` and `adopt`
  // (examine.ts, and all that it imports) cannot.
  workflows(['*.ts'], ['swap-proxy', 'send', 'compensate', 'switchover']),
  workflows(['index.ts'], ['swap-proxy', 'send', 'compensate']),
  workflows(['switchover.ts'], ['swap-proxy', 'switchover']),
  workflows(['compensate.ts'], ['swap-proxy', 'compensate', 'switchover']),
  workflows(['send.ts'], ['send', 'compensate', 'switchover']),
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'It takes the proxy of the environment: use direct-request.' },
      ],
    },
  },
  {
    files: ['src/{contract,domain,workflows}/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch', 'performance'] },
  },
  folder(
    'dcs',
    [['@temporalio/*'], 'the DCS client knows nothing of Temporal'],
    [
      up(
        ...['activities', 'workflows', 'run-history', 'client', 'config', 'cli'],
        ...['simulator', 'local', 'worker'],
      ),
      'dcs is imported, it imports nobody',
    ],
  ),
  folder(
    'activities',
    [['axios', ...SERVER_SIDE], 'HTTP belongs to src/dcs, workers to src/worker'],
    [
      up('workflows', 'client', 'cli', 'simulator', 'local', 'worker'),
      'arrow points the other way',
    ],
  ),
  {
    files: ['src/{domain,activities,run-history}/**/*.ts'],
    ignores: ['src/activities/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', ...SYNTAX, ...CLOCKS] },
  },
  folder(
    'run-history',
    [
      ['axios', ...SERVER_SIDE, '@temporalio/activity', '@temporalio/workflow'],
      'reads histories only',
    ],
    [
      up(
        'dcs',
        'schema',
        'activities',
        'workflows',
        'client',
        'config',
        'cli',
        'simulator',
        'local',
      ),
      'client and activities import it; it imports contract and domain',
    ],
  ),
  folder(
    'client',
    [[...SERVER_SIDE, 'axios'], 'the client entry loads no native module and no HTTP client'],
    [
      up('activities', 'workflows', 'dcs', 'cli', 'simulator', 'local', 'worker'),
      'arrow points the other way',
    ],
  ),
  folder(
    'config',
    [['axios', '@temporalio/*'], 'settings are data: nothing is called'],
    [
      up('activities', 'workflows', 'client', 'cli', 'simulator', 'local', 'worker', 'projects'),
      'config imports contract, domain and the types and checks of dcs only',
    ],
  ),
  folder('diagnostics', ...DIAGNOSTICS, [
    ['**/../projects.js'],
    'a client that could swap exists in open-project.ts only',
    true,
  ]),
  { files: ['src/diagnostics/dcs/open-project.ts'], rules: forbid(...DIAGNOSTICS) },
  {
    files: ['src/diagnostics/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...SYNTAX,
        { selector: 'Identifier[name=/^(requestSwap|createDcsClient)$/]', message: 'Reads only.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/diagnostics/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/diagnostics/**'],
              message: 'diagnostics are imported by the command only',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/projects.ts'],
    rules: forbid(
      [[...SERVER_SIDE, 'axios'], 'HTTP belongs to src/dcs, workers to src/worker'],
      [
        ['client', 'cli', 'simulator', 'local', 'workflows'].map((name) => `./${name}/**`),
        'projects joins config, dcs and activities',
      ],
      [['./worker.js', './worker/**'], 'arrow points the other way'],
    ),
  },
  folder(
    'data-converter',
    [[...SERVER_SIDE, ...EDGE_LIBRARIES], 'clients load it: no native module, no HTTP client'],
    [
      up('domain', 'schema', 'dcs', 'activities', 'workflows', 'config', 'cli', 'worker'),
      'arrow points the other way',
    ],
  ),
  folder(
    'notifications',
    [['@temporalio/*', ...EDGE_LIBRARIES], 'notifications know nothing of Temporal'],
    [
      up(
        ...['dcs', 'schema', 'activities', 'workflows', 'run-history', 'client', 'config', 'cli'],
        ...['simulator', 'local', 'data-converter', 'worker'],
      ),
      'notifications import the contract only',
    ],
  ),
  folder(
    'worker',
    [['axios', '@temporalio/testing'], 'HTTP to DCS belongs to src/dcs'],
    [
      up('workflows', 'cli', 'simulator', 'local'),
      'the worker serves, it tests and prints nothing',
    ],
  ),
  folder(
    'simulator',
    [['axios', '@temporalio/*'], 'the simulator is a second implementation of the protocol'],
    [
      up('dcs', 'activities', 'workflows', 'run-history', 'client', 'cli', 'local', 'worker'),
      'the simulator shares nothing with the code it tests',
    ],
  ),
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
