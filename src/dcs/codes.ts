/** Numeric codes whose `DCS.` twin does not follow from the digits (published error code table). */
const IRREGULAR: Readonly<Record<string, string>> = {
  '111403002': 'DCS.3002',
  '111403003': 'DCS.3003',
  '111404001': 'DCS.4001',
  '111404022': 'DCS.3022',
  '111404023': 'DCS.4023',
  '111405001': 'DCS.5001',
};

/** Families of numeric codes and the first digit of their `DCS.` twins. */
const FAMILIES: Readonly<Record<string, string>> = { '111400': '4', '111401': '1', '111500': '5' };

/**
 * One spelling for each code: numeric `111400063` becomes `DCS.4063`, `APIG.0308` becomes
 * `APIGW.0308`, stray blanks go. Unknown codes stay as they are.
 */
export function normaliseCode(raw: unknown): string | null {
  if (typeof raw !== 'string' && typeof raw !== 'number') return null;
  const code = String(raw).replace(/\s/g, '');
  if (!/^[\w.-]{1,64}$/.test(code)) return null;
  if (IRREGULAR[code] !== undefined) return IRREGULAR[code];
  const [, family = '', digits = ''] = /^(\d{6})(\d{3})$/.exec(code) ?? [];
  if (FAMILIES[family] !== undefined) return `DCS.${FAMILIES[family]}${digits}`;
  return code.replace(/^APIG\./i, 'APIGW.').toUpperCase();
}
