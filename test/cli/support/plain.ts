import { renderPage } from '../../../src/cli/format/page.js';
import type { Page } from '../../../src/cli/format/page.js';
import { PLAIN } from '../../../src/cli/format/tones.js';

/** A page as a script sees it; with columns: as on a terminal, without colours. */
export function plain(page: Page | string, columns: number | null = null): string {
  return renderPage(page, { columns, paint: PLAIN }).rendered.slice(0, -1);
}
