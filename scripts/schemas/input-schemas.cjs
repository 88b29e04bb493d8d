'use strict';
// What workers accept as JSON Schema: the rules come from the validation itself (zod), the words from the
// doc comments of the contract. A field that one of the two does not know ends the script.
const { z } = require('zod');

const { nullable } = require('./contract-types.cjs');

/**
 * Schema of an argument.
 *
 * @param validation the zod schema that checks it
 * @param described what the contract says of the type, by `readContractTypes`
 */
function inputSchema(validation, described) {
  const { $schema, ...rules } = z.toJSONSchema(validation, { io: 'input' });
  if ($schema === undefined) throw new Error('zod reported no version of JSON Schema');
  const { description } = described;
  return withWords({ ...(description === undefined ? {} : { description }), ...rules }, [
    ...variantsOf(described, described.$defs),
  ]);
}

/** The schemas that a value may follow, references resolved and `null` left out. */
function variantsOf(schema, defs) {
  if (schema.$ref !== undefined) return variantsOf(defs[schema.$ref.split('/').at(-1)], defs);
  if (schema.anyOf !== undefined)
    return schema.anyOf.flatMap((variant) => variantsOf(variant, defs));
  return schema.type === 'null' ? [] : [{ ...schema, $defs: defs }];
}

function withWords(rules, variants, path = 'input') {
  if (rules.anyOf !== undefined) {
    const anyOf = rules.anyOf.map((rule) => withWords(rule, [sameFields(rule, variants, path)], path));
    return { ...rules, anyOf };
  }
  if (rules.additionalProperties?.type !== undefined)
    // A map: `null` means absent in there too.
    return { ...rules, additionalProperties: nullable(rules.additionalProperties) };
  if (rules.properties === undefined) return rules;
  const described = Object.assign({}, ...variants.map(({ properties }) => properties));
  expectSameNames(rules.properties, described, path);
  const { required = [] } = rules;
  const fieldOf = ([name, rule]) => {
    const words = described[name];
    const inner = withWords(rule, variantsOf(words, variants[0].$defs), `${path}.${name}`);
    const { description } = words;
    const whole = { ...(description === undefined ? {} : { description }), ...inner };
    return [name, required.includes(name) ? whole : nullable(whole)];
  };
  return {
    ...rules,
    properties: Object.fromEntries(Object.entries(rules.properties).map(fieldOf)),
    ...exactlyOne(variants),
  };
}

/** A type of several shapes that the validation takes as one object: exactly one shape is meant. */
function exactlyOne(variants) {
  if (variants.length < 2) return {};
  const oneOf = variants.map(({ required }) => ({
    required,
    properties: Object.fromEntries(required.map((name) => [name, { not: { type: 'null' } }])),
  }));
  return { oneOf };
}

const namesOf = (properties) => Object.keys(properties).sort().join(', ');

function sameFields(rule, variants, path) {
  const found = variants.find(
    ({ properties = {} }) => namesOf(properties) === namesOf(rule.properties ?? {}),
  );
  if (found === undefined)
    throw new Error(`${path}: no type of the contract has the fields ${namesOf(rule.properties)}`);
  return found;
}

function expectSameNames(rules, described, path) {
  if (namesOf(rules) === namesOf(described)) return;
  throw new Error(
    `${path}: the validation knows ${namesOf(rules)}; the contract ${namesOf(described)}`,
  );
}

module.exports = { inputSchema };
