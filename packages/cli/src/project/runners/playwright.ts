/** Playwright: adds the reporter to its configuration, and imports `test` from Dustpan in test files. */
import { addElement, addProperty, exportedExpression, objectIn, propertyOf } from '../config-object.ts'
import type { Project } from '../project.ts'
import { byHand, changed, combined, configInScripts, type Runner, type Wiring, wired, withEndings } from '../runner.ts'
import { type Expression, edited, parseSource, type Source, styleOf } from '../source.ts'
import { sourceFiles } from '../source-files.ts'
import { testImport } from './playwright-imports.ts'

export const playwrightConfigs = withEndings('playwright.config', 'ts js mts mjs cts cjs')

const reporter = '@dustpan/playwright-reporter'
const toAdd = `reporter: [['list'], ['${reporter}']]`

export const playwright: Runner = {
  name: 'Playwright',
  needs: '@playwright/test',
  package: reporter,
  command: /\bplaywright\s+test\b/,
  isIn: (project) => project.needs('@playwright/test') || project.firstOf(playwrightConfigs) !== undefined,
  wiring(project) {
    const file = playwrightConfig(project)
    const text = file === undefined ? undefined : project.read(file)
    const config = file === undefined || text === undefined ? create(project) : inConfig(file, text)
    const tests = sourceFiles(project).filter((name) => name !== file)
    return combined([config, ...tests.map((name) => testImport(name, project.read(name) ?? ''))])
  },
}

export const playwrightConfig = (project: Project): string | undefined =>
  configInScripts(project, 'playwright') ?? project.firstOf(playwrightConfigs)

function create({ isTypeScript, isModule }: Project): Wiring {
  const after = `import { defineConfig } from '@playwright/test'\n\nexport default defineConfig({\n  ${toAdd},\n})\n`
  return changed({ file: `playwright.config.${isTypeScript ? 'ts' : isModule ? 'js' : 'mjs'}`, after })
}

function inConfig(file: string, text: string): Wiring {
  const source = parseSource(text)
  if (source?.code.includes(reporter)) return wired(file)
  const object = source && objectIn(exportedExpression(source.program), source.program)
  if (!source || !object) return byHand(file, 'its configuration is computed', toAdd)
  const { quote } = styleOf(source)
  const found = propertyOf(object, 'reporter')
  if (found === undefined) {
    const property = toAdd.replaceAll("'", quote)
    return changed({ file, before: text, after: edited(text, [addProperty(text, object, property)]) })
  }
  const edit = found === 'unclear' ? undefined : addReporter(source, found, `[${quote}${reporter}${quote}]`)
  if (!edit) return byHand(file, 'its reporters are computed', `['${reporter}']    (add to the reporters)`)
  return changed({ file, before: text, after: edited(text, [edit]) })
}

function addReporter({ text }: Source, reporters: Expression, added: string) {
  if (reporters.type === 'ArrayExpression') return addElement(text, reporters, added)
  if (reporters.type !== 'StringLiteral') return undefined
  const [start, end] = [reporters.start ?? 0, reporters.end ?? 0]
  return { start, end, text: `[[${text.slice(start, end)}], ${added}]` }
}
