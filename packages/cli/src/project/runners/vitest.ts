/** Vitest: adds the plugin to its configuration, or to Vite's. */
import { addElement, addProperty, exportedExpression, objectIn, propertyOf } from '../config-object.ts'
import type { Project } from '../project.ts'
import { byHand, calls, changed, configInScripts, type Runner, type Wiring, wired, withEndings } from '../runner.ts'
import { edited, importEdit, parseSource } from '../source.ts'

const endings = 'ts mts cts js mjs cjs'
const files = [...withEndings('vitest.config', endings), ...withEndings('vite.config', endings)]

const from = '@dustpan/vitest-plugin'
const toAdd = `import { dustpan } from '${from}'\n\nplugins: [dustpan()]`

export const vitest: Runner = {
  name: 'Vitest',
  needs: 'vitest',
  package: from,
  command: /(?<![\w@-])vitest(?![\w/-]|\.config)/,
  isIn: (project) => project.needs('vitest') || project.firstOf(withEndings('vitest.config', endings)) !== undefined,
  wiring(project) {
    const file = configInScripts(project, 'vitest') ?? project.firstOf(files)
    const text = file === undefined ? undefined : project.read(file)
    return file === undefined || text === undefined ? create(project) : inConfig(file, text)
  },
}

function create({ isTypeScript, isModule }: Project): Wiring {
  const file = `vitest.config.${isModule ? '' : 'm'}${isTypeScript ? 'ts' : 'js'}`
  const after = `import { dustpan } from '${from}'
import { defineConfig } from 'vitest/config'

export default defineConfig({ plugins: [dustpan()] })
`
  return changed({ file, after })
}

function inConfig(file: string, text: string): Wiring {
  const source = parseSource(text)
  if (source?.code.includes(from))
    return calls(source, 'dustpan')
      ? wired(file)
      : byHand(file, 'it imports `dustpan`, and does not call it', 'plugins: [dustpan()]')
  const object = source && objectIn(exportedExpression(source.program), source.program)
  if (!source || !object) return byHand(file, 'its configuration is computed', toAdd)
  const plugins = propertyOf(object, 'plugins')
  if (plugins === 'unclear') return byHand(file, 'what it spreads may contain plugins', toAdd)
  if (plugins !== undefined && plugins.type !== 'ArrayExpression')
    return byHand(file, 'its plugins are computed', toAdd)
  const edit = plugins ? addElement(text, plugins, 'dustpan()') : addProperty(text, object, 'plugins: [dustpan()]')
  return changed({ file, before: text, after: edited(text, [edit, importEdit(source, 'dustpan', from)]) })
}
