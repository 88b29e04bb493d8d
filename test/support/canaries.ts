/** Secrets of a test, and the search for them in whatever leaves the product, however they are written there. */

/** What a secret is, and its value. */
export type Canaries = Readonly<Record<string, string>>;

/** Texts by where they came from. */
export type Outputs = readonly (readonly [where: string, text: string])[];

/** Each secret that stands somewhere, as "where: which secret, in which form"; empty: none does. */
export function findCanaries(canaries: Canaries, outputs: Outputs): string[] {
  const searched = Object.entries(canaries).flatMap(([what, secret]) =>
    formsOf(secret).map(({ form, pattern }) => ({ what: `${what}, ${form}`, pattern })),
  );
  return outputs.flatMap(([where, text]) => {
    const readings = readingsOf(text);
    return searched
      .filter(({ pattern }) => readings.some((reading) => reading.includes(pattern)))
      .map(({ what }) => `${where}: ${what}`);
  });
}

interface Form {
  readonly form: string;
  readonly pattern: string;
}

function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return [
    { form: 'as it is', pattern: secret },
    { form: 'hex', pattern: hex },
    { form: 'hex', pattern: hex.toUpperCase() },
    ...[0, 1, 2].flatMap((before) =>
      (['base64', 'base64url'] as const).map((form) => {
        return { form, pattern: amid(bytes, before, form) };
      }),
    ),
  ];
}

/** What of a secret is the same in base64 whatever stands around it, so many bytes (modulo 3) behind the beginning. */
function amid(bytes: Buffer, before: number, form: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString(form)
    .replaceAll('=', '');
  const isWhole = (before + bytes.length) % 3 === 0;
  return text.slice(Math.ceil((before * 8) / 6), isWhole ? undefined : -1);
}

/** A text as it is, and as whoever undoes its escapes reads it: those of JSON in JSON, of URLs, and of HTML. */
function readingsOf(text: string): string[] {
  const once = withoutEscapes(text);
  const twice = withoutEscapes(once);
  return [text, once, twice].flatMap((read) => [read, withoutPercent(read), withoutEntities(read)]);
}

function withoutEscapes(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\(["\\/])/g, '$1');
}

function withoutPercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" },
};

function withoutEntities(text: string): string {
  return text
    .replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
