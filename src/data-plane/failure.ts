/**
 * What goes wrong between us and a Redis, by kind. The server's own words never leave: Redis repeats the arguments of a
 * command that it does not know, and of `AUTH` that is the password.
 */
import type { ProbeError } from '../contract/index.js';
import { entryOf } from '../util.js';

/** Thrown for every failure of this room's calls. Its message holds nothing that the other side said. */
export class DataPlaneFailure extends Error {
  override readonly name = 'DataPlaneFailure';

  /** @param isReply Redis answered, with an error: the connection still works */
  constructor(
    message: string,
    readonly kind: ProbeError,
    readonly isReply = false,
  ) {
    super(message);
  }
}

/** What the first word of an error reply says. */
const REPLIES: Readonly<Record<string, readonly [ProbeError, string]>> = {
  READONLY: ['readonly', 'is read-only: it is a replica'],
  NOREPLICAS: ['noreplicas', 'takes no writes: it has too few replicas'],
  LOADING: ['loading', 'is loading its data'],
  MASTERDOWN: ['masterdown', 'has lost its master'],
  OOM: ['oom', 'takes no writes: its memory is full'],
  MISCONF: ['error-reply', 'takes no writes: it cannot save its data'],
  BUSY: ['error-reply', 'is busy with a script'],
  DENIED: ['error-reply', 'lets in no one from elsewhere: it is in protected mode'],
  NOAUTH: ['auth', 'asks for a password'],
  WRONGPASS: ['auth', 'refused user or password'],
  NOPERM: ['auth', 'does not allow the user this command, or this key'],
  MOVED: ['cluster', 'is one shard of a cluster, and another one has the key'],
  ASK: ['cluster', 'is one shard of a cluster, and another one has the key'],
  CLUSTERDOWN: ['cluster', 'is part of a cluster that is down'],
};

/** What the words behind `ERR` say. */
const ERR_TEXTS: readonly (readonly [words: RegExp, says: string])[] = [
  [/^ERR max number of clients/, 'has as many clients as it may have'],
  [/^ERR unknown command/, 'does not know the command; it may have another name there'],
];

function otherReply(text: string): readonly [ProbeError, string] {
  const [, says = 'answered with an error'] = ERR_TEXTS.find(([words]) => words.test(text)) ?? [];
  return ['error-reply', says];
}

const TURNED_AWAY = /^(?:DENIED |ERR max number of clients)/;

/** What an error reply means. */
export function replyFailure(command: string, text: string): DataPlaneFailure {
  const [word = ''] = text.split(' ', 1);
  const known = entryOf(REPLIES, word);
  const [kind, says] = known ?? otherReply(text);
  const code = known === undefined ? '' : ` (${word})`;
  // Whom it turns away it disconnects.
  const isReply = !TURNED_AWAY.test(text);
  return new DataPlaneFailure(`${command}: Redis ${says}${code}`, kind, isReply);
}

/** Errors of `AUTH` that do not judge the password. */
const NOT_ABOUT_LOGIN =
  /^(?:LOADING|MASTERDOWN|OOM|BUSY|DENIED) |^ERR (?:max number of clients|unknown command)/;

/** What an error reply to `AUTH` means: versions differ in their words, and nearly all refuse. */
export function loginFailure(text: string): DataPlaneFailure {
  if (NOT_ABOUT_LOGIN.test(text)) return replyFailure('AUTH', text);
  const says = /without any password configured|no password is set/.test(text)
    ? 'has no password, and one was given'
    : 'refused user or password';
  return new DataPlaneFailure(`AUTH: Redis ${says}`, 'auth', true);
}

/** What the system's code of a socket's error means. */
const CODES: Readonly<Record<string, ProbeError>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  ABORT_ERR: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
};

/** What an error of a socket means; one that has no known code comes from TLS. */
export function socketFailure(doing: string, error: Error): DataPlaneFailure {
  const code = (error as NodeJS.ErrnoException).code ?? 'no code';
  return new DataPlaneFailure(`${doing}: ${code}`, entryOf(CODES, code) ?? 'protocol');
}

/** Whatever was thrown, as a failure of this room. */
export function toDataPlaneFailure(error: unknown): DataPlaneFailure {
  if (error instanceof DataPlaneFailure) return error;
  // An authority that cannot be parsed, for example. Its words may quote what it was given.
  return new DataPlaneFailure('No connection could be made', 'protocol');
}
