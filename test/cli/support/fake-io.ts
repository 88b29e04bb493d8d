import { createWriter } from '../../../src/cli/io.js';
import type { CliIo } from '../../../src/cli/io.js';
import { willHaveShown } from '../../support/shown.js';

/** Surroundings that remember what was written. */
export interface FakeIo extends CliIo {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly questions: readonly string[];
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** Surroundings of a script, by default; questions are answered with `answer`. */
export function createFakeIo(
  options: Partial<Pick<CliIo, 'env' | 'isInteractive' | 'isTerminal' | 'isDataShown'>> & {
    readonly answer?: string;
  } = {},
): FakeIo {
  const written = { out: '', err: '' };
  const questions: string[] = [];
  const handlers = new Set<() => void>();
  willHaveShown(() => `${written.out}\n${written.err}`);
  return {
    env: { HUAWEICLOUD_SDK_PROJECT_ID: '11111111111111111111111111111111' },
    isInteractive: false,
    isTerminal: false,
    isDataShown: false,
    terminalSize: () => ({ columns: 80, rows: 24 }),
    ...options,
    ...createWriter(
      (text) => {
        written.out += text;
      },
      (text) => {
        written.err += text;
      },
      () => 80,
    ),
    isRead: () => true,
    end: () => undefined,
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(options.answer ?? '');
    },
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => {
        handlers.delete(handler);
      };
    },
    userName: () => 'alice',
    stdout: () => written.out,
    stderr: () => written.err,
    questions,
    interrupt: () => {
      for (const handler of handlers) handler();
    },
  };
}
