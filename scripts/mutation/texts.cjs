'use strict';
// Tells Stryker which strings are sentences for a reader: changing one is no fault that a decision's test should find.
// Codes, names of fields, headers, routes and fragments without a blank between two words stay.

const isSentence = (text) => /[\w,;:.)] [\w(]/.test(text);

/** What is inserted must be plain: a choice within a text is a decision. */
const isPlain = ({ type }) => ['Identifier', 'MemberExpression'].includes(type);

function isText({ node }) {
  if (node.type === 'StringLiteral') return isSentence(node.value);
  if (node.type !== 'TemplateLiteral') return false;
  const words = node.quasis.map(({ value }) => value.cooked).join('x');
  return isSentence(words) && node.expressions.every(isPlain);
}

class Texts {
  shouldIgnore(path) {
    return isText(path) ? 'a sentence for a reader' : undefined;
  }
}

exports.strykerPlugins = [{ kind: 'Ignore', name: 'texts', injectableClass: Texts }];
