/** What a history must not hold. Pure. */

/** Secrets in the text of a history, the known ones and whatever looks like one. */
export function findSecrets({
  text,
  secrets = [],
}: {
  readonly text: string;
  readonly secrets?: readonly string[];
}): string[] {
  return [
    ...secrets.filter((secret) => text.includes(secret)).map(() => 'a known secret stands in it'),
    ...CREDENTIALS.filter(({ pattern }) => pattern.test(text)).map(
      ({ what }) => `${what} stands in it`,
    ),
  ];
}

/** What credentials look like on their way: a signature, a token in its header, a key. */
const CREDENTIALS = [
  { what: 'a signature', pattern: /\bSignature=[0-9a-f]{32}/i },
  { what: 'a token', pattern: /x-(auth|security|subject)-token["':=\\ ]+[\w+/=-]{32}/i },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
] as const;
