/** A text of somebody else, for places where a line break would end or forge something. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
