import { write, writeSync } from 'node:fs';

import type { DestinationStream } from 'pino';

import { visible } from '../util.js';

/** So much may wait for a reader that is slow; what comes then is lost. */
const MAX_WAITING_CHARS = 1024 * 1024;

/** A pipe that is full takes more a little later, in milliseconds. */
const AGAIN_MS = 100;

/**
 * A log that never stops the work: what its file does not take, such as that of a full disk, is lost, and a reader that
 * is gone or slow is not waited for. Pino's own destination ends the process then, or, while it exits, tries for ever.
 */
export function openLogStream(fd: number): DestinationStream {
  let waiting = '';
  let isWriting = false;
  const send = (bytes: Buffer): void => {
    write(fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(send, AGAIN_MS, bytes).unref();
      else if (error === null && written < bytes.length) send(bytes.subarray(written));
      else {
        isWriting = false;
        sendWaiting();
      }
    });
  };
  const sendWaiting = (): void => {
    if (isWriting || waiting === '') return;
    const bytes = Buffer.from(waiting);
    waiting = '';
    isWriting = true;
    send(bytes);
  };
  process.once('exit', () => {
    try {
      writeSync(fd, waiting);
    } catch {
      // No one takes it, and there is no more time.
    }
  });
  return {
    write: (line) => {
      // Lines of JSON, which people read as they are.
      const shown = visible(line);
      if (waiting.length + shown.length > MAX_WAITING_CHARS) return;
      waiting += shown;
      sendWaiting();
    },
  };
}
