'use strict';
// The types of src/contract as JSON Schema: names, types and doc comments, read by the compiler itself.
// The contract uses few kinds of types; one that is not known here ends the script.
const path = require('node:path');
const ts = require('typescript');

const CONTRACT = path.join(__dirname, '../../src/contract/index.ts');

/** Lists to which a later version may add words: readers must take others as well. */
const OPEN_LISTS = ['CheckId', 'MaintenanceCause'];

/** Gives `schemaOf(name)`: the schema of an exported type, and of the interfaces that it names. */
function readContractTypes() {
  const program = ts.createProgram([CONTRACT], {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.Node20,
    types: [],
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const index = checker.getSymbolAtLocation(program.getSourceFile(CONTRACT));
  const exported = new Map(
    checker.getExportsOfModule(index).map((symbol) => [symbol.name, followAlias(checker, symbol)]),
  );
  const typeOf = (name) => {
    const symbol = exported.get(name);
    if (symbol === undefined) throw new Error(`src/contract exports no ${name}`);
    return checker.getDeclaredTypeOfSymbol(symbol);
  };
  const openLists = OPEN_LISTS.map((name) => wordsOf(typeOf(name)).join());
  const context = { checker, exported, openLists };
  return {
    schemaOf: (name) => {
      const defs = new Map();
      const schema = ofObjectOrUnion({ ...context, defs, root: name }, typeOf(name));
      const description = textOf(checker, exported.get(name));
      return { ...description, ...schema, ...defsOf(defs) };
    },
  };
}

function followAlias(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** In order of name, so that the files do not change when the order of visits does. */
function defsOf(defs) {
  if (defs.size === 0) return {};
  return { $defs: Object.fromEntries([...defs].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function wordsOf(type) {
  return (type.types ?? [type]).map(({ value }) => value).sort();
}

/** A schema for a type in the place where it is used: interfaces of the contract become references. */
function ofType(context, type) {
  const name = type.symbol?.name;
  const isNamed =
    type.flags & ts.TypeFlags.Object && context.exported.get(name) === type.symbol && name;
  if (!isNamed) return ofObjectOrUnion(context, type);
  if (name === context.root) return { $ref: '#' };
  if (!context.defs.has(name)) {
    context.defs.set(name, {}); // A type may contain itself.
    const description = textOf(context.checker, type.symbol);
    context.defs.set(name, { ...description, ...ofObjectOrUnion(context, type) });
  }
  return { $ref: `#/$defs/${name}` };
}

function ofObjectOrUnion(context, type) {
  const { flags } = type;
  if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
  if (type.isUnion()) return ofUnion(context, type);
  if (flags & ts.TypeFlags.String) return { type: 'string' };
  if (flags & ts.TypeFlags.Number) return { type: 'number' };
  if (flags & ts.TypeFlags.Null) return { type: 'null' };
  if (flags & ts.TypeFlags.Unknown) return {};
  if (type.isStringLiteral()) return { const: type.value };
  if (flags & ts.TypeFlags.Object) return ofObject(context, type);
  throw new Error(`No schema for the type ${context.checker.typeToString(type)}`);
}

function ofUnion(context, type) {
  const isWord = (member) => member.isStringLiteral();
  const isTrueOrFalse = ({ flags }) => flags & ts.TypeFlags.BooleanLiteral;
  const members = type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
  const others = members.filter((member) => !isWord(member) && !isTrueOrFalse(member));
  const isNullable = others.some(({ flags }) => flags & ts.TypeFlags.Null);
  const rest = others.filter(({ flags }) => !(flags & ts.TypeFlags.Null));
  const variants = [
    ...ofWords(context, members.filter(isWord)),
    ...(members.some(isTrueOrFalse) ? [{ type: 'boolean' }] : []),
    ...rest.map((member) => ofType(context, member)),
  ];
  const schema = variants.length === 1 ? variants[0] : { anyOf: variants };
  return isNullable ? nullable(schema) : schema;
}

function ofWords({ openLists }, words) {
  if (words.length === 0) return [];
  const list = words.map(({ value }) => value).sort();
  const isOpen = openLists.includes(list.join());
  return [{ type: 'string', [isOpen ? 'examples' : 'enum']: list }];
}

/** The same schema, which takes `null` as well. */
function nullable(schema) {
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  if (typeof schema.type !== 'string' || schema.oneOf !== undefined)
    return { anyOf: [schema, { type: 'null' }] };
  const words = schema.enum === undefined ? {} : { enum: [...schema.enum, null] };
  return { ...schema, type: [schema.type, 'null'], ...words };
}

function ofObject(context, type) {
  const { checker } = context;
  if (checker.isArrayType(type))
    return { type: 'array', items: ofType(context, checker.getTypeArguments(type)[0]) };
  const values = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (values !== undefined)
    return { type: 'object', additionalProperties: ofType(context, values) };
  const fields = checker.getPropertiesOfType(type);
  const isRequired = ({ flags }) => !(flags & ts.SymbolFlags.Optional);
  const properties = fields.map((field) => [field.name, ofField(context, field)]);
  const required = fields.filter(isRequired).map(({ name }) => name);
  return { type: 'object', properties: Object.fromEntries(properties), required };
}

function ofField(context, field) {
  const schema = ofType(context, context.checker.getTypeOfSymbol(field));
  return { ...textOf(context.checker, field), ...schema };
}

/** What the doc comment says, with the default that it names. */
function textOf(checker, symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'default');
  const defaults = tags.map((tag) => `Default: ${ts.displayPartsToString(tag.text)}.`);
  const description = [text, ...defaults]
    .filter(Boolean)
    .join(' ')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return description === '' ? {} : { description };
}

module.exports = { nullable, readContractTypes };
