/**
 * Cuts between characters, so that the bytes of UTF-8 fit, as JSON writes them; the mark of the cut comes on top.
 */
export function clipBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > maxBytes) return `${kept}…`;
    kept += character;
  }
  return text;
}

function bytesOf(character: string): number {
  if (character === '"' || character === '\\') return 2;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return 6;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
