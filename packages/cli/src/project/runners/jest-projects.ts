/** Jest's projects with a configuration file of their own, each of which must set Dustpan's test runner. */
import { dirname, join } from 'node:path'
import { addProperty, exportedExpression, objectIn, propertyOf } from '../config-object.ts'
import { matchingPaths } from '../matching-paths.ts'
import type { Project } from '../project.ts'
import { byHand, calls, changed, type Wiring, wired, withEndings } from '../runner.ts'
import {
  type Expression,
  edited,
  type ObjectExpression,
  parseJson,
  parseSource,
  type Source,
  styleOf,
} from '../source.ts'

const configs = withEndings('jest.config', 'js ts mjs cjs mts cts json')
const jestPackage = '@dustpan/jest-environment'
const runner = `${jestPackage}/runner`

/** Whether the file uses Dustpan's runner or an environment, or calls `withDustpan`: importing it is not enough. */
export const isWired = (source: Source): boolean =>
  source.code.includes(jestPackage) && (!source.code.includes('withDustpan') || calls(source, 'withDustpan'))

/** Files and folders listed in `projects`, relative to the project's folder; empty when code computes them. */
export function projectConfigs(project: Project, file: string, text: string): readonly string[] {
  const source = file.endsWith('.json') ? undefined : parseSource(text)
  const object = source ? objectOf(exportedExpression(source.program), source.program) : parseJson(text)
  const list = object && propertyOf(object, 'projects')
  if (typeof list !== 'object' || list.type !== 'ArrayExpression') return []
  const named = list.elements.flatMap((one) => (one?.type === 'StringLiteral' ? [one.value] : []))
  const root = dirname(file)
  const patterns = named.map((name) => join(root, name.replace(/^<rootDir>[\\/]?/, '')).replaceAll('\\', '/'))
  return matchingPaths(project.folder, patterns).filter((path) => path !== '.' && path !== file)
}

/** Looks through `withDustpan(…)`. */
function objectOf(
  exported: Expression | undefined,
  program: Parameters<typeof objectIn>[1],
): ObjectExpression | undefined {
  const isOurs = exported?.type === 'CallExpression' && exported.callee.type === 'Identifier'
  return objectIn(isOurs ? (exported.arguments[0] as Expression | undefined) : exported, program)
}

export function projectWiring(project: Project, path: string): Wiring {
  const file = /\.(?:[cm]?[jt]s|json)$/.test(path) ? path : project.firstOf(configs.map((name) => `${path}/${name}`))
  if (file !== undefined) return inFile(file, project.read(file) ?? '')
  const manifest = `${path}/package.json`
  const found = ownSettings(project.read(manifest))
  return inObject(manifest, project.read(manifest) ?? '', found, '"')
}

function ownSettings(manifest: string | undefined): ObjectExpression | undefined {
  const object = manifest === undefined ? undefined : parseJson(manifest)
  const found = object && propertyOf(object, 'jest')
  return typeof found === 'object' && found.type === 'ObjectExpression' ? found : undefined
}

function inFile(file: string, text: string): Wiring {
  if (file.endsWith('.json')) return inObject(file, text, parseJson(text), '"')
  const source = parseSource(text)
  if (source && isWired(source)) return wired(file)
  const object = source && objectIn(exportedExpression(source.program), source.program)
  return inObject(file, text, object, source ? styleOf(source).quote : "'")
}

function inObject(file: string, text: string, object: ObjectExpression | undefined, quote: string): Wiring {
  const isJson = file.endsWith('.json')
  if (isJson && text.slice(object?.start ?? 0, object?.end ?? 0).includes(jestPackage)) return wired(file)
  const name = isJson ? '"testRunner"' : 'testRunner'
  const property = `${name}: ${quote}${runner}${quote}`
  if (!object) return byHand(file, 'its settings were not found', property)
  const own = propertyOf(object, 'testRunner')
  if (own === 'unclear') return byHand(file, 'what it spreads may contain a testRunner', property)
  if (own !== undefined) return byHand(file, 'it sets a testRunner of its own', property)
  return changed({ file, before: text, after: edited(text, [addProperty(text, object, property)]) })
}
