/** Finds and edits the configuration object in a source file. */
import type { ArrayExpression, Edit, Expression, ObjectExpression, Program } from './source.ts'

/** The exported expression: `export default …`, `module.exports = …`. */
export function exportedExpression({ body }: Program): Expression | undefined {
  for (const statement of body) {
    if (statement.type === 'ExportDefaultDeclaration' && !/Declaration$/.test(statement.declaration.type))
      return statement.declaration as Expression
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') continue
    const { left, right } = statement.expression
    const isExports =
      left.type === 'MemberExpression' &&
      left.object.type === 'Identifier' &&
      left.object.name === 'module' &&
      left.property.type === 'Identifier' &&
      left.property.name === 'exports'
    if (isExports) return right
  }
  return undefined
}

/** Looks through names, type assertions and calls such as `defineConfig({ … })`; undefined when code computes the object. */
export function objectIn(expression: Expression | undefined, program: Program): ObjectExpression | undefined {
  switch (expression?.type) {
    case 'ObjectExpression':
      return expression
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'ParenthesizedExpression':
      return objectIn(expression.expression, program)
    case 'Identifier':
      return objectIn(constantOf(expression.name, program), program)
    case 'CallExpression': {
      const { callee, arguments: given } = expression
      const isKnown = callee.type === 'Identifier' && /^(defineConfig|mergeConfig)$/.test(callee.name)
      return isKnown ? objectIn(given.at(-1) as Expression | undefined, program) : undefined
    }
    default:
      return undefined
  }
}

/** The initial value of a `const` of the file. */
function constantOf(name: string, { body }: Program): Expression | undefined {
  for (const statement of body) {
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue
    const found = statement.declarations.find(({ id }) => id.type === 'Identifier' && id.name === name)
    if (found) return found.init ?? undefined
  }
  return undefined
}

/** The value of a property; undefined when it is missing, `unclear` when it is computed or may be spread. */
export function propertyOf(object: ObjectExpression, name: string): Expression | 'unclear' | undefined {
  if (object.properties.some(({ type }) => type === 'SpreadElement')) return 'unclear'
  for (const property of object.properties) {
    if (property.type === 'SpreadElement' || nameOf(property) !== name) continue
    return property.type === 'ObjectProperty' && !property.computed ? (property.value as Expression) : 'unclear'
  }
  return undefined
}

function nameOf({ key }: { readonly key: { readonly type: string } }): string | undefined {
  const { name, value } = key as { name?: string; value?: unknown }
  return name ?? (typeof value === 'string' ? value : undefined)
}

/** Adds it before the first property, on its own line if that one has its own. */
export function addProperty(text: string, object: ObjectExpression, property: string): Edit {
  const [first] = object.properties
  const [start, end] = [object.start ?? 0, object.end ?? 0]
  if (!first) return { start, end, text: `{ ${property} }` }
  const at = first.leadingComments?.[0]?.start ?? first.start ?? 0
  const between = text.slice(start + 1, at)
  const indent = /\n([ \t]*)$/.exec(between)?.[1]
  return { start: at, text: indent === undefined ? `${property}, ` : `${property},\n${indent}` }
}

/** Adds it after the last element, and after a comment on that element's line. */
export function addElement(text: string, { elements, start, end }: ArrayExpression, element: string): Edit {
  const last = elements.at(-1)
  if (!last) return { start: start ?? 0, end: end ?? 0, text: `[${element}]` }
  const [from, to] = [last.start ?? 0, last.end ?? 0]
  const indent = /^[ \t]*$/.exec(text.slice(text.lastIndexOf('\n', from) + 1, from))?.[0]
  const [rest = '', comma, comment] = /^(,?)([ \t]*(?:\/\/[^\r\n]*)?)(?=\r?\n)/.exec(text.slice(to)) ?? []
  if (indent === undefined || comma === undefined) return { start: to, text: `, ${element}` }
  return { start: to, end: to + rest.length, text: `,${comment}\n${indent}${element}${comma}` }
}
