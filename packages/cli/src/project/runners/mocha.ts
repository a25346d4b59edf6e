/** Mocha: adds the plugin to `require`. */
import { addElement, addProperty, exportedExpression, objectIn, propertyOf } from '../config-object.ts'
import type { Project } from '../project.ts'
import { byHand, changed, configInScripts, type Runner, type Wiring, wired } from '../runner.ts'
import { edited, type ObjectExpression, parseJson, parseSource, styleOf } from '../source.ts'

const plugin = '@dustpan/mocha-plugin'
/** In Mocha's order of precedence. */
const files = ['js', 'cjs', 'mjs', 'yaml', 'yml', 'jsonc', 'json'].map((ending) => `.mocharc.${ending}`)

export const mocha: Runner = {
  name: 'Mocha',
  needs: 'mocha',
  package: plugin,
  command: /(?<![\w@-])mocha(?![\w/-]|\.config)/,
  isIn: (project) => project.needs('mocha') || project.firstOf(files) !== undefined,
  wiring(project) {
    const file = configInScripts(project, 'mocha') ?? project.firstOf(files)
    const text = file === undefined ? undefined : project.read(file)
    if (file !== undefined && text !== undefined) return inFile(file, text)
    return project.manifest.mocha === undefined ? create : inManifest(project)
  },
}

const create = changed({ file: '.mocharc.json', after: `{ "require": ["${plugin}"] }\n` })

function inFile(file: string, text: string): Wiring {
  if (/\.ya?ml$/.test(file)) return inYaml(file, text)
  if (/\.jsonc?$/.test(file)) return inObject(file, text, parseJson(text), { quote: '"', key: '"require"' })
  const source = parseSource(text)
  if (source?.code.includes(plugin)) return wired(file)
  const object = source && objectIn(exportedExpression(source.program), source.program)
  return inObject(file, text, object, { quote: source ? styleOf(source).quote : "'", key: 'require' })
}

function inManifest(project: Project): Wiring {
  const text = project.read('package.json') as string
  const manifest = parseJson(text)
  const found = manifest && propertyOf(manifest, 'mocha')
  const config = typeof found === 'object' && found.type === 'ObjectExpression' ? found : undefined
  return inObject('package.json', text, config, { quote: '"', key: '"require"' })
}

interface Style {
  readonly quote: string
  readonly key: string
}

function inObject(file: string, text: string, config: ObjectExpression | undefined, { quote, key }: Style): Wiring {
  const added = `${quote}${plugin}${quote}`
  const unclear = () => byHand(file, 'its `require` is computed', `${key}: [${added}]`)
  if (!config) return unclear()
  if (text.slice(config.start ?? 0, config.end ?? 0).includes(added)) return wired(file)
  const required = propertyOf(config, 'require')
  if (required === undefined)
    return changed({ file, before: text, after: edited(text, [addProperty(text, config, `${key}: [${added}]`)]) })
  if (required === 'unclear') return unclear()
  if (required.type === 'ArrayExpression')
    return changed({ file, before: text, after: edited(text, [addElement(text, required, added)]) })
  if (required.type !== 'StringLiteral') return unclear()
  const [start, end] = [required.start ?? 0, required.end ?? 0]
  const both = `[${text.slice(start, end)}, ${added}]`
  return changed({ file, before: text, after: edited(text, [{ start, end, text: both }]) })
}

function inYaml(file: string, text: string): Wiring {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'))
  if (lines.some((line) => line.includes(plugin))) return wired(file)
  const added = `require:\n  - '${plugin}'\n`
  if (lines.some((line) => /^['"]?require['"]?\s*:/.test(line)))
    return byHand(file, 'it already has a `require`', `- '${plugin}'    (add below require)`)
  const isPlain = lines.every((line) => /^(\s|-|[\w'"-]+\s*:|$)/.test(line)) && !/^(---|\.\.\.)/m.test(text)
  if (!isPlain) return byHand(file, 'it is not a plain list of settings', added)
  return changed({ file, before: text, after: `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${added}` })
}
