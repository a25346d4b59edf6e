/** Jest: wraps its configuration in `withDustpan()`; in JSON, adds the three settings that this would add. */
import { addElement, addProperty, exportedExpression, propertyOf } from '../config-object.ts'
import type { Project } from '../project.ts'
import { byHand, changed, combined, configInScripts, type Runner, type Wiring, wired, withEndings } from '../runner.ts'
import { type Edit, edited, importEdit, type ObjectExpression, parseJson, parseSource } from '../source.ts'
import { isWired, projectConfigs, projectWiring } from './jest-projects.ts'

const files = withEndings('jest.config', 'js ts mjs cjs mts cts json')

const jestPackage = '@dustpan/jest-environment'
const from = `${jestPackage}/config`
const toWrap = `import { withDustpan } from '${from}'\n\nexport default withDustpan(/* what is exported now */)`

export const jest: Runner = {
  name: 'Jest',
  needs: 'jest',
  package: jestPackage,
  command: /(?<![\w@-])jest(?![\w/-]|\.config)/,
  isIn: (project) =>
    project.needs('jest') || project.manifest.jest !== undefined || project.firstOf(files) !== undefined,
  wiring(project) {
    const file = configInScripts(project, 'jest') ?? project.firstOf(files)
    const text = file === undefined ? undefined : project.read(file)
    if (file === undefined || text === undefined)
      return project.manifest.jest === undefined ? create : inManifest(project)
    const own = file.endsWith('.json') ? inJson(file, text, parseJson(text)) : inCode(file, text)
    return combined([own, ...projectConfigs(project, file, text).map((one) => projectWiring(project, one))])
  },
}

/** CommonJS, which any project can load. */
const create = changed({
  file: 'jest.config.cjs',
  after: `const { withDustpan } = require('${from}')\n\nmodule.exports = withDustpan({})\n`,
})

function inCode(file: string, text: string): Wiring {
  const source = parseSource(text)
  if (source?.code.includes(jestPackage))
    return isWired(source)
      ? wired(file)
      : byHand(
          file,
          'it imports `withDustpan`, and does not call it',
          'export default withDustpan(/* what is exported now */)',
        )
  const exported = source && exportedExpression(source.program)
  if (!source || !exported) return byHand(file, 'its export was not found', toWrap)
  const [start, end] = [exported.start ?? 0, exported.end ?? 0]
  const around: Edit[] = [
    { start, text: 'withDustpan(' },
    { start: end, text: ')' },
  ]
  return changed({ file, before: text, after: edited(text, [...around, importEdit(source, 'withDustpan', from)]) })
}

function inManifest(project: Project): Wiring {
  const text = project.read('package.json') as string
  const manifest = parseJson(text)
  const found = manifest && propertyOf(manifest, 'jest')
  return inJson(
    'package.json',
    text,
    typeof found === 'object' && found.type === 'ObjectExpression' ? found : undefined,
  )
}

const runner = `${jestPackage}/runner`
const reporter = `"${jestPackage}/reporter"`
const ignoredPath = '"/[.]dustpan/"'
const settings = `"testRunner": "${runner}"\n"reporters": ["default", ${reporter}]\n"watchPathIgnorePatterns": [${ignoredPath}]`

function inJson(file: string, text: string, config: ObjectExpression | undefined): Wiring {
  if (!config) return byHand(file, 'it could not be read', settings)
  if (text.includes(runner)) return wired(file)
  if (propertyOf(config, 'testRunner') !== undefined)
    return byHand(
      file,
      'it sets a testRunner of its own',
      `${settings}\n\nDustpan's is Jest's default, jest-circus, with tracking.`,
    )
  const edits = [
    addProperty(text, config, `"testRunner": "${runner}"`),
    withElement(text, config, 'reporters', reporter, '"default", '),
    withElement(text, config, 'watchPathIgnorePatterns', ignoredPath),
  ]
  if (edits.includes(undefined)) return byHand(file, 'it has a single value where a list is expected', settings)
  return changed({ file, before: text, after: edited(text, edits as Edit[]) })
}

function withElement(
  text: string,
  config: ObjectExpression,
  name: string,
  element: string,
  first = '',
): Edit | undefined {
  const list = propertyOf(config, name)
  if (list === undefined) return addProperty(text, config, `"${name}": [${first}${element}]`)
  return list !== 'unclear' && list.type === 'ArrayExpression' ? addElement(text, list, element) : undefined
}
