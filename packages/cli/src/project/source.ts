/** Parses source files and edits them in place, leaving everything else as it is, including whitespace. */
import { parse, parseExpression } from '@babel/parser'

type File = ReturnType<typeof parse>
export type Program = File['program']
export type Statement = Program['body'][number]
export type Expression = Extract<Statement, { readonly type: 'ExpressionStatement' }>['expression']
export type ObjectExpression = Extract<Expression, { readonly type: 'ObjectExpression' }>
export type ArrayExpression = Extract<Expression, { readonly type: 'ArrayExpression' }>

export interface Source {
  readonly text: string
  readonly program: Program
  /** The text without comments. */
  readonly code: string
}

/** Replaces the text between `start` and `end`. */
export interface Edit {
  readonly start: number
  /** @default start */
  readonly end?: number
  readonly text: string
}

/** Undefined when it cannot be parsed. */
export function parseSource(text: string): Source | undefined {
  try {
    const { program, comments } = parse(text, {
      sourceType: 'unambiguous',
      plugins: ['typescript'],
      allowReturnOutsideFunction: true,
    })
    return { text, program, code: withoutComments(text, comments ?? []) }
  } catch {
    return undefined
  }
}

/** Parses JSON, with comments allowed. */
export function parseJson(text: string): ObjectExpression | undefined {
  try {
    const expression = parseExpression(text)
    return expression.type === 'ObjectExpression' ? expression : undefined
  } catch {
    return undefined
  }
}

/** Applies edits: those at the same position in the given order, with the line endings of the text. */
export function edited(text: string, edits: readonly Edit[]): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  return [...edits]
    .reverse()
    .sort((one, other) => other.start - one.start)
    .reduce((now, { start, end = start, text }) => {
      return `${now.slice(0, start)}${text.replaceAll('\n', lineEnd)}${now.slice(end)}`
    }, text)
}

function withoutComments(text: string, comments: NonNullable<File['comments']>): string {
  return edited(
    text,
    comments.map(({ start, end }) => ({ start: start ?? 0, end: end ?? 0, text: '' })),
  )
}

/** The file's quotes and statement endings. */
export function styleOf({ text, program }: Source): { readonly quote: string; readonly end: string } {
  const count = (of: RegExp) => text.match(of)?.length ?? 0
  const last = program.body.at(-1)
  return {
    quote: count(/"/g) > count(/'/g) ? '"' : "'",
    end: last && text[(last.end ?? 0) - 1] === ';' ? ';' : '',
  }
}

/** Adds an import or `require` below the last one, or before the first statement. */
export function importEdit(source: Source, name: string, from: string): Edit {
  const { program, text } = source
  const { quote, end } = styleOf(source)
  const isModule = program.body.some(({ type }) => /^(Import|Export)/.test(type))
  const line = isModule
    ? `import { ${name} } from ${quote}${from}${quote}${end}`
    : `const { ${name} } = require(${quote}${from}${quote})${end}`
  const last = program.body.findLast((statement) => statement.type === 'ImportDeclaration' || isRequire(statement))
  if (last) return { start: last.end ?? 0, text: `\n${line}` }
  const first = program.body[0]
  const start = first?.leadingComments?.find(({ value }) => value.startsWith('*'))?.start ?? first?.start ?? text.length
  return { start, text: `${line}\n\n` }
}

function isRequire(statement: Statement): boolean {
  const init = statement.type === 'VariableDeclaration' ? statement.declarations[0]?.init : undefined
  return init?.type === 'CallExpression' && init.callee.type === 'Identifier' && init.callee.name === 'require'
}
