/** HTML and SVG whose texts cannot become structure: whatever is no {@link Markup} is escaped. */

import { visible } from '../../util.js';

/** A piece of HTML or SVG that is safe as it stands. Only this file makes one. */
export interface Markup {
  readonly markup: string;
}

/** What stands inside an element; `null` is nothing. */
export type Child = string | number | Markup | null | readonly Child[];

/** Attributes by their names, which are our own; `null` leaves one out. */
export type Attributes = Readonly<Record<string, string | number | null>>;

function escape(text: string): string {
  return visible(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Elements without an end. */
const VOID = ['br', 'meta'];

/** One element. @param name an HTML or SVG element's, with its fixed classes: `td.count` */
export function el(name: string, attributes: Attributes = {}, ...children: Child[]): Markup {
  const [tag = '', ...classes] = name.split('.');
  const all: Attributes = {
    ...(classes.length === 0 ? {} : { class: classes.join(' ') }),
    ...attributes,
  };
  const written = Object.entries(all).flatMap(([key, value]) =>
    value === null ? [] : [` ${key}="${escape(String(value))}"`],
  );
  const start = `<${tag}${written.join('')}>`;
  return { markup: VOID.includes(tag) ? start : `${start}${write(children)}</${tag}>` };
}

/** Pieces behind one another, without an element around them. */
export function fragment(...children: Child[]): Markup {
  return { markup: write(children) };
}

/** A whole page. @param style our own; it stands as it is, so that its hash fits */
export function page(head: readonly Child[], style: string, body: readonly Child[]): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
${write(head)}
<style>${style}</style>
</head>
<body>
${write(body)}
</body>
</html>
`;
}

function write(child: Child): string {
  if (child === null) return '';
  if (typeof child === 'object')
    return 'markup' in child ? child.markup : child.map(write).join('');
  return escape(String(child));
}
