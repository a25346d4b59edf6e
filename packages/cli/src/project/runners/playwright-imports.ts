/** Changes a file's imports of `test` and `expect` from Playwright to Dustpan. Types and other imports stay. */
import { byHand, changed, type Wiring, wired } from '../runner.ts'
import { type Expression, edited, parseSource, type Source, type Statement, styleOf } from '../source.ts'

const playwright = '@playwright/test'
const dustpan = '@dustpan/playwright-reporter/test'
const toImport = `import { expect, test } from '${dustpan}'`
const ours: ReadonlySet<string> = new Set(['test', 'expect'])

const nothing: Wiring = { wired: [], changes: [], byHand: [] }

export function testImport(file: string, text: string): Wiring {
  if (!text.includes(playwright) && !text.includes(dustpan)) return nothing
  const source = parseSource(text)
  if (!source) return nothing
  if (source.code.includes(dustpan)) return wired(file)
  const found = source.program.body.find(importsTest)
  if (found) return changed({ file, before: text, after: replaced(source, found), alike: true })
  const required = source.program.body.flatMap((statement) => requiredTest(statement) ?? [])[0]
  if (required) return changed({ file, before: text, after: replacedRequire(source, required), alike: true })
  return isElsewhere(source) ? byHand(file, `it takes \`test\` from ${playwright} in another way`, toImport) : nothing
}

type Import = Extract<Statement, { readonly type: 'ImportDeclaration' }>
type Specifier = Import['specifiers'][number]

function importsTest(statement: Statement): statement is Import {
  if (statement.type !== 'ImportDeclaration' || statement.source.value !== playwright) return false
  return statement.importKind !== 'type' && statement.specifiers.some((one) => importedName(one) === 'test')
}

function importedName(specifier: Specifier): string | undefined {
  if (specifier.type !== 'ImportSpecifier' || specifier.importKind === 'type') return undefined
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value
}

interface Required {
  readonly statement: Statement
  readonly names: readonly Property[]
  /** The argument of `require`. */
  readonly from: Expression
}
type Declaration = Extract<Statement, { readonly type: 'VariableDeclaration' }>
type Pattern = Extract<Declaration['declarations'][number]['id'], { readonly type: 'ObjectPattern' }>
type Property = Pattern['properties'][number]

/** `const { expect, test } = require('@playwright/test')` */
function requiredTest(statement: Statement): Required | undefined {
  if (statement.type !== 'VariableDeclaration' || statement.declarations.length !== 1) return undefined
  const [{ id, init } = {}] = statement.declarations
  if (id?.type !== 'ObjectPattern' || init?.type !== 'CallExpression' || init.callee.type !== 'Identifier')
    return undefined
  const [from] = init.arguments
  if (init.callee.name !== 'require' || from?.type !== 'StringLiteral' || from.value !== playwright) return undefined
  return id.properties.some((one) => propertyName(one) === 'test')
    ? { statement, names: id.properties, from }
    : undefined
}

const propertyName = (one: Property): string | undefined =>
  one.type === 'ObjectProperty' && one.key.type === 'Identifier' ? one.key.name : undefined

function replacedRequire(source: Source, { statement, names, from }: Required): string {
  const { text } = source
  const { quote, end: semicolon } = styleOf(source)
  const isOurs = (one: Property) => ours.has(propertyName(one) ?? '')
  if (names.every(isOurs))
    return edited(text, [{ start: from.start ?? 0, end: from.end ?? 0, text: `${quote}${dustpan}${quote}` }])
  const listed = (some: readonly Property[]) => some.map((one) => text.slice(one.start ?? 0, one.end ?? 0)).join(', ')
  const line = (some: readonly Property[], of: string) =>
    `const { ${listed(some)} } = require(${quote}${of}${quote})${semicolon}`
  const both = `${line(names.filter(isOurs), dustpan)}\n${line(
    names.filter((one) => !isOurs(one)),
    playwright,
  )}`
  return edited(text, [{ start: statement.start ?? 0, end: statement.end ?? 0, text: both }])
}

/** `require('@playwright/test').test`, `export { test } from '@playwright/test'`, `pw.test(…)`. */
function isElsewhere({ code, program }: Source): boolean {
  if (/require\(\s*['"]@playwright\/test['"]\s*\)\s*\.test\b/.test(code)) return true
  if (/\bexport\s*(?:\*|\{[^}]*\btest\b[^}]*\})\s*from\s*['"]@playwright\/test['"]/.test(code)) return true
  return program.body.some((statement) => {
    const name = wholeModule(statement)
    return name !== undefined && new RegExp(`\\b${name}\\.test\\b`).test(code)
  })
}

/** The local name of Playwright's whole module. */
function wholeModule(statement: Statement): string | undefined {
  if (statement.type === 'ImportDeclaration')
    return statement.source.value === playwright && statement.importKind !== 'type'
      ? statement.specifiers.find(({ type }) => type === 'ImportNamespaceSpecifier')?.local.name
      : undefined
  if (statement.type !== 'VariableDeclaration') return undefined
  const [{ id, init } = {}] = statement.declarations
  const isRequire =
    init?.type === 'CallExpression' && init.callee.type === 'Identifier' && init.callee.name === 'require'
  const [from] = isRequire ? init.arguments : []
  return id?.type === 'Identifier' && from?.type === 'StringLiteral' && from.value === playwright ? id.name : undefined
}

function replaced(source: Source, { specifiers, source: from, start, end }: Import): string {
  const { text } = source
  const { quote, end: semicolon } = styleOf(source)
  const isOurs = (one: Specifier) => ours.has(importedName(one) ?? '')
  const others = specifiers.filter((one) => !isOurs(one))
  if (others.length === 0)
    return edited(text, [{ start: from.start ?? 0, end: from.end ?? 0, text: `${quote}${dustpan}${quote}` }])
  const listed = (some: readonly Specifier[]) => some.map((one) => text.slice(one.start ?? 0, one.end ?? 0)).join(', ')
  const line = (some: readonly Specifier[], of: string) =>
    `import { ${listed(some)} } from ${quote}${of}${quote}${semicolon}`
  const both = `${line(specifiers.filter(isOurs), dustpan)}\n${line(others, playwright)}`
  return edited(text, [{ start: start ?? 0, end: end ?? 0, text: both }])
}
