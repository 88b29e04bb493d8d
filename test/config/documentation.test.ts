/** docs/configuration.md names every variable and field with its default, and no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

import { AGENCY_VARIABLES, IAM_ENDPOINT, SOURCE_VARIABLES } from '../../src/config/credentials.js';
import { fileSchema } from '../../src/config/file-schema.js';
import { WEBHOOK_VARIABLES } from '../../src/config/network.js';
import { profileSchema } from '../../src/config/profile.js';
import { PROJECT_VARIABLES, projectSchema } from '../../src/config/project.js';
import { processSchema } from '../../src/config/worker-config.js';

const text = readFileSync(path.join(__dirname, '../../docs/configuration.md'), 'utf8');
const worker = text.slice(text.indexOf('\n## Worker\n'), text.indexOf('\n## Client and command\n'));
const [variables = '', file = ''] = worker.split('\n### The file\n');

/** First column → third column of all tables of a part. */
const defaultsIn = (part: string): Map<string, string> =>
  new Map(
    part.split('\n').flatMap((line) => {
      const [, name, , fallback] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      const word = /^`(.+)`$/.exec(name ?? '')?.[1];
      return word === undefined ? [] : [[word, fallback ?? ''] as const];
    }),
  );

interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

const REQUIRED = Symbol('required');
const NONE = Symbol('no default');
type Default = string | typeof REQUIRED | typeof NONE;

/** Fields of a schema by their path below `projects[]`; rules stand on their own. */
function fieldsOf(schema: Schema, prefix: string): [string, Default][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    const whole = `${prefix}${name}`;
    const fallback = field.default === undefined ? NONE : JSON.stringify(field.default);
    const own: [string, Default] = [whole, isRequired ? REQUIRED : fallback];
    return whole === 'credentials.base' ? [own] : [own, ...fieldsOf(field, `${whole}.`)];
  });
  const variants = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const inside = variants.flatMap((variant) => fieldsOf(variant, prefix));
  const items = schema.items === undefined ? [] : fieldsOf(schema.items, '');
  return [...own, ...inside, ...items];
}

const jsonSchemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;

const fileFields = fieldsOf(
  jsonSchemaOf(fileSchema).properties?.['projects']?.items ?? {},
  '',
).filter(([name]) => !/^(?:allow|deny|match)\./.test(name));

const schemaVariables = [processSchema, projectSchema].flatMap((schema) =>
  fieldsOf(jsonSchemaOf(schema), ''),
);

const OTHER_VARIABLES = [
  'DCS_SWITCHOVER_CONFIG',
  'DCS_SWITCHOVER_PROFILE',
  'DCS_HTTPS_PROXY',
  'DCS_CA_FILE',
  'HUAWEICLOUD_SDK_REGION_DCS_{REGION}',
  IAM_ENDPOINT,
  ...Object.values(WEBHOOK_VARIABLES),
  ...Object.keys(PROJECT_VARIABLES),
  ...AGENCY_VARIABLES,
  ...Object.values(SOURCE_VARIABLES).flat(),
];

const isReported = (fallback: string, wanted: Default): boolean => {
  if (wanted === NONE) return fallback !== '';
  if (wanted === REQUIRED) return fallback === 'required';
  const word = wanted.replace(/^"(.*)"$/, '$1');
  return fallback.startsWith(`\`${word}\``) || (word === 'null' && fallback.startsWith('absent'));
};

describe('docs/configuration.md', () => {
  const documented = { variables: defaultsIn(variables), file: defaultsIn(file) };

  it.each(schemaVariables)('names the variable %s with its default', (name, wanted) => {
    const fallback = documented.variables.get(name) ?? '';
    expect([name, fallback, isReported(fallback, wanted)]).toStrictEqual([name, fallback, true]);
  });

  it.each(OTHER_VARIABLES)('names the variable %s', (name) => {
    expect(documented.variables.has(name)).toBe(true);
  });

  it('names no variable that is not read', () => {
    const known = new Set([...OTHER_VARIABLES, ...schemaVariables.map(([name]) => name)]);
    expect([...documented.variables.keys()].filter((name) => !known.has(name))).toStrictEqual([]);
  });

  it.each(fileFields)('names the field %s with its default', (name, wanted) => {
    const fallback = documented.file.get(name) ?? '';
    expect([name, fallback, isReported(fallback, wanted)]).toStrictEqual([name, fallback, true]);
  });

  it('names no field that is not read', () => {
    const known = new Set(fileFields.map(([name]) => name));
    expect(known.size).toBeGreaterThan(20);
    expect([...documented.file.keys()].filter((name) => !known.has(name))).toStrictEqual([]);
  });

  it('shows a file and a profile that are valid', async () => {
    const { parse } = await import('yaml');
    const exampleOf = (part: string) =>
      parse(/```yaml\n([\s\S]*?)```/.exec(part)?.[1] ?? '') as unknown;
    expect(fileSchema.safeParse(exampleOf(file)).error).toBeUndefined();
    expect(profileSchema.safeParse(exampleOf(variables)).error).toBeUndefined();
  });

  it('names every variable that is refused beside a file', () => {
    const section = file.slice(file.indexOf('**Two places.**')).replaceAll('`DCS_AGENCY_*`', '');
    const missing = Object.keys(PROJECT_VARIABLES).filter(
      (name) => !section.includes(`\`${name}\``) && !name.startsWith('DCS_AGENCY_'),
    );
    expect(missing).toStrictEqual([]);
  });
});
