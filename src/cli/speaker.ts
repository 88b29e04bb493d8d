import { UsageError } from './cli-errors.js';
import type { CliIo } from './io.js';

/** Option of everything that is recorded with a name. */
export interface SpeakerOption {
  readonly by?: string;
}

/** Who says so. @throws UsageError where neither the option nor the system tells */
export function readSpeaker(io: CliIo, { by }: SpeakerOption): string {
  const name = by ?? io.userName();
  if (name !== null) return name;
  throw new UsageError('Say who you are: --by. This system has no user name.');
}
