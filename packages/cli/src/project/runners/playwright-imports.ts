/** A file's `test` and `expect`: from Dustpan, in the place of Playwright's. Types and all else stay where they are. */
import { changed, type Wiring, wired } from '../runner.ts'
import { edited, parseSource, type Source, type Statement, styleOf } from '../source.ts'

const playwright = '@playwright/test'
const dustpan = '@dustpan/playwright-reporter/test'
const ours: ReadonlySet<string> = new Set(['test', 'expect'])

const nothing: Wiring = { wired: [], changes: [], byHand: [] }

export function testImport(file: string, text: string): Wiring {
  if (!text.includes(playwright) && !text.includes(dustpan)) return nothing
  const source = parseSource(text)
  if (!source) return nothing
  if (source.code.includes(dustpan)) return wired(file)
  const found = source.program.body.find(importsTest)
  return found ? changed({ file, before: text, after: replaced(source, found), alike: true }) : nothing
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

function replaced(source: Source, { specifiers, source: from, start, end }: Import): string {
  const { text } = source
  const { quote, end: semicolon } = styleOf(source)
  const isOurs = (one: Specifier) => ours.has(importedName(one) ?? '')
  const others = specifiers.filter((one) => !isOurs(one))
  if (others.length === 0)
    return edited(text, [{ start: from.start ?? 0, end: from.end ?? 0, text: `${quote}${dustpan}${quote}` }])
  const told = (some: readonly Specifier[]) => some.map((one) => text.slice(one.start ?? 0, one.end ?? 0)).join(', ')
  const line = (some: readonly Specifier[], of: string) =>
    `import { ${told(some)} } from ${quote}${of}${quote}${semicolon}`
  const both = `${line(specifiers.filter(isOurs), dustpan)}\n${line(others, playwright)}`
  return edited(text, [{ start: start ?? 0, end: end ?? 0, text: both }])
}
