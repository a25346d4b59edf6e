/** node:test: adds options to the scripts of package.json. */
import { propertyOf } from '../config-object.ts'
import type { Project } from '../project.ts'
import { byHand, combined, type Runner, type Wiring, wired } from '../runner.ts'
import { type Edit, edited, type ObjectExpression, parseJson } from '../source.ts'

const file = 'package.json'
const preload = '@dustpan/node-test'
const added = ` --import ${preload}`
const reporter = ` --test-reporter=${preload}/spec`

/** Matches `node` with its options before `--test`. */
const invocation = /(?<![\w./-])node(?:\s+--?[^\s&|;]+(?:\s+[^\s&|;-][^\s&|;]*)?)*?(?=\s+--test(?![\w-]))/

export const nodeTest: Runner = {
  name: 'node:test',
  package: preload,
  command: invocation,
  isIn: (project) => testScripts(project).length > 0,
  wiring(project) {
    const text = project.read(file) as string
    const scripts = testScripts(project)
    const fresh = scripts.filter(([, script]) => !script.includes(preload))
    const [reported, plain] = [fresh.filter(hasReporter), fresh.filter((script) => !hasReporter(script))]
    const done = fresh.length < scripts.length ? [wired(file)] : []
    return combined([
      ...done,
      ...inScripts(
        text,
        plain.map(([name]) => name),
      ),
      ...reported.map(besideAnother),
    ])
  },
}

type Script = readonly [name: string, command: string]

const testScripts = ({ manifest }: Project): readonly Script[] =>
  Object.entries(manifest.scripts).filter(([, script]) => invocation.test(script))

const hasReporter = ([, script]: Script): boolean => script.includes('--test-reporter')

/** With several reporters, Node needs a destination for each. */
const besideAnother = ([name]: Script): Wiring =>
  byHand(
    file,
    `its script ${JSON.stringify(name)} already has a reporter, and with several each needs a destination`,
    `${added.trim()}\n--test-reporter=${preload}/reporter --test-reporter-destination=stdout`,
  )

function inScripts(text: string, names: readonly string[]): readonly Wiring[] {
  const scripts = propertyIn(parseJson(text), 'scripts')
  const edits = names.flatMap((name) => editOf(text, scripts, name) ?? [])
  return edits.length === 0
    ? []
    : [{ wired: [], byHand: [], changes: [{ file, before: text, after: edited(text, edits) }] }]
}

function editOf(text: string, scripts: ObjectExpression | undefined, name: string): Edit | undefined {
  const script = scripts && propertyOf(scripts, name)
  if (typeof script !== 'object') return undefined
  const found = invocation.exec(text.slice(script.start ?? 0, script.end ?? 0))
  if (!found) return undefined
  const start = (script.start ?? 0) + found.index + found[0].length
  return { start, end: start + ' --test'.length, text: `${added} --test${reporter}` }
}

function propertyIn(object: ObjectExpression | undefined, name: string): ObjectExpression | undefined {
  const found = object && propertyOf(object, name)
  return typeof found === 'object' && found.type === 'ObjectExpression' ? found : undefined
}
