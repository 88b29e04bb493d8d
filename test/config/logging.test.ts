import { describe, expect, it } from '@jest/globals';

import { createLogger } from '../../src/worker/runtime.js';

/** The lines that `log` writes. */
function linesOf(
  log: (logger: ReturnType<typeof createLogger>) => void,
  level: 'debug' | 'info' | 'warn' | 'error' = 'info',
): Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = createLogger(level, { write: (line) => lines.push(line) });
  log(logger);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const CANARY = 'canary-4711';

const SECRETS = [
  'accessKey',
  'secretKey',
  'securityToken',
  'authorization',
  'Authorization',
  'headers',
  'config',
  'request',
  'response',
  'x-auth-token',
  'X-Auth-Token',
  'X-Security-Token',
  'x-security-token',
];

const PLACES: readonly (readonly [string, (secret: object) => object])[] = [
  ['at the top', (secret) => secret],
  ['one level down', (secret) => ({ a: secret })],
  ['two levels down', (secret) => ({ a: { b: secret } })],
  ['three levels down', (secret) => ({ a: { b: { c: secret } } })],
  ['in a list', (secret) => ({ list: [secret] })],
  ['beside an error', (secret) => ({ err: Object.assign(new Error('x'), secret) })],
];

describe('a log line redacts', () => {
  it.each(PLACES.flatMap(([place, wrap]) => SECRETS.map((name) => [name, place, wrap] as const)))(
    '%s %s',
    (name, _, wrap) => {
      const lines = linesOf((logger) => {
        logger.info(wrap({ [name]: CANARY, kept: 'plain' }), 'message');
      });
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toContain(CANARY);
      expect(JSON.stringify(lines)).toContain('plain');
    },
  );

  it('in child loggers too', () => {
    const lines = linesOf((logger) => {
      logger.child({ runId: 'r' }).info({ a: { secretKey: CANARY } }, 'message');
    });
    expect(JSON.stringify(lines)).not.toContain(CANARY);
    expect(lines[0]).toMatchObject({ runId: 'r' });
  });
});

describe('a log line', () => {
  it('is JSON that names program, process and message', () => {
    const lines = linesOf((logger) => {
      logger.info({ jobId: 'job-1' }, 'swap accepted');
    });
    expect(lines).toMatchObject([
      { name: 'dcs-switchover', pid: process.pid, jobId: 'job-1', msg: 'swap accepted' },
    ]);
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('of level %s and above is written: %i of 4', (level, count) => {
    const lines = linesOf((logger) => {
      logger.debug('d');
      logger.info('i');
      logger.warn('w');
      logger.error('e');
    }, level);
    expect(lines).toHaveLength(count);
  });

  it('is one line, whatever the text', () => {
    const written: string[] = [];
    createLogger('info', { write: (line) => written.push(line) }).info('a\n{"forged":true}\n');
    expect(written).toHaveLength(1);
    expect(written[0]?.trimEnd()).not.toContain('\n');
  });
});
