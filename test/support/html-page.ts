/** A page of HTML, parsed as a browser parses it. */

/** A node, as far as tests look at it. */
interface PageNode {
  readonly nodeName: string;
  readonly tagName?: string;
  readonly value?: string;
  readonly attrs?: readonly { readonly name: string; readonly value: string }[];
  readonly childNodes?: readonly PageNode[];
}

/** An element: its name, attributes, and all text in it. */
export interface PageElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly PageElement[];
}

/** A page: its elements in order, and what a browser would have to put right. */
export interface Page {
  readonly elements: readonly PageElement[];
  readonly errors: readonly string[];
  /** Elements of this name. */
  readonly all: (name: string) => readonly PageElement[];
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- older copies of it have no types
const { parse } = require('parse5') as {
  readonly parse: (
    html: string,
    options: {
      readonly sourceCodeLocationInfo: boolean;
      readonly onParseError: (error: {
        readonly code: string;
        readonly startLine: number;
        readonly startCol: number;
      }) => void;
    },
  ) => PageNode;
};

/** Parses a page. */
export function parsePage(html: string): Page {
  const errors: string[] = [];
  const document = parse(html, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine, startCol }) => {
      errors.push(`${code} at ${startLine}:${startCol}`);
    },
  });
  const elements = toElements(document).flatMap(withDescendants);
  return { elements, errors, all: (name) => elements.filter((each) => each.name === name) };
}

function toElements({ childNodes = [] }: PageNode): PageElement[] {
  return childNodes
    .filter((node) => node.tagName !== undefined)
    .map((node) => ({
      name: node.tagName ?? '',
      attributes: Object.fromEntries((node.attrs ?? []).map(({ name, value }) => [name, value])),
      text: textOf(node),
      children: toElements(node),
    }));
}

function textOf({ value, nodeName, childNodes = [] }: PageNode): string {
  return nodeName === '#text' ? (value ?? '') : childNodes.map(textOf).join('');
}

function withDescendants(element: PageElement): PageElement[] {
  return [element, ...element.children.flatMap(withDescendants)];
}
