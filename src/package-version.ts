import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Version of this package, from `src` and from `dist` alike. */
export function packageVersion(): string {
  const file = path.join(__dirname, '../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
