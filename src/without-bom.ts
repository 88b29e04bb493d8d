/** Text without the byte order mark that editors may put in front: no parser of ours but two skips it. */
export function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
