/** A source file that is read as code, and changed in single places: all else stays as it was, to the last space. */
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
  /** Without its comments. */
  readonly code: string
}

/** Puts `text` in the place of what stands between. */
export interface Edit {
  readonly start: number
  /** @default start */
  readonly end?: number
  readonly text: string
}

/** Undefined: it is not understood. */
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

/** JSON, comments and all. */
export function parseJson(text: string): ObjectExpression | undefined {
  try {
    const expression = parseExpression(text)
    return expression.type === 'ObjectExpression' ? expression : undefined
  } catch {
    return undefined
  }
}

/** What is put in one place stands there in the order given, and lines end as they do in the text. */
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

/** How the file is written. */
export function styleOf({ text, program }: Source): { readonly quote: string; readonly end: string } {
  const count = (of: RegExp) => text.match(of)?.length ?? 0
  const last = program.body.at(-1)
  return {
    quote: count(/"/g) > count(/'/g) ? '"' : "'",
    end: last && text[(last.end ?? 0) - 1] === ';' ? ';' : '',
  }
}

/** Where and how something is imported: below the last import, or before the first statement. */
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
