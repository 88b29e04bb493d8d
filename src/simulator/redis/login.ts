import { Transform } from 'node:stream';

import { parseReply, serialize } from './command.js';

/**
 * The login of ACL users at a DCS of version 4 or 5: `AUTH user:password`, where every Redis takes one argument for the
 * default user's password. `AUTH user password` is refused as a Redis of that age does. Looks at the commands a
 * connection begins with, up to the first that is no login.
 */
export function rewriteLogins(users: readonly { readonly name: string }[]): Transform {
  const names = new Set(users.map(({ name }) => name));
  let held: string | null = '';
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (held === null) {
        done(null, chunk);
        return;
      }
      const { ready, rest } = rewriteAll(held + chunk.toString('latin1'), names);
      held = rest;
      done(null, Buffer.from(ready, 'latin1'));
    },
  });
}

/** What can go to Redis by now, and what is held back; `null`: nothing is looked at any more. */
function rewriteAll(
  data: string,
  names: ReadonlySet<string>,
): { readonly ready: string; readonly rest: string | null } {
  let ready = '';
  let start = 0;
  while (start < data.length) {
    const command = data.startsWith('*', start) ? parseReply(data, start) : undefined;
    if (command === null) return { ready, rest: data.slice(start) };
    const words = Array.isArray(command?.value) ? command.value.map(String) : [];
    if (command === undefined || words[0]?.toUpperCase() !== 'AUTH')
      return { ready: ready + data.slice(start), rest: null };
    ready += Buffer.from(serialize(rewrite(words, names))).toString('latin1');
    start = command.next;
  }
  return { ready, rest: '' };
}

function rewrite(words: readonly string[], names: ReadonlySet<string>): readonly string[] {
  const [auth = '', argument = '', ...more] = words;
  // Without an argument Redis answers what an old one says to two.
  if (more.length > 0) return [auth];
  const [, name = '', password = ''] = /^([^:]+):(.*)$/s.exec(argument) ?? [];
  return names.has(name) ? [auth, name, password] : words;
}
