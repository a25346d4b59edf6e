/** A configuration is read as Node would read it by itself, whatever the package or a runner says of its format. */
import { readFileSync, realpathSync } from 'node:fs'
import nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * As long as this is not disposed. `npm init` of npm 11 writes `"type": "commonjs"`, by which Node takes a `.ts` or `.js` with `import` or
 * `export` for CommonJS, and fails; a runner's transpiler may do the same (Playwright's does when it was imported before).
 */
export function readAsWritten(file: string): Disposable {
  const { href } = pathToFileURL(realpathSync(file))
  const hooks = nodeModule.registerHooks({
    load(url, context, nextLoad) {
      if (url !== href) return nextLoad(url, context)
      const source = readFileSync(file, 'utf8')
      return { format: formatOf(file, context.format, source), source, shortCircuit: true }
    },
  })
  return { [Symbol.dispose]: () => hooks.deregister() }
}

/** @param format what Node says; null, where it would have to look into the file */
function formatOf(file: string, format: string | null | undefined, source: string): string {
  const kind = isModule.test(source) && !/\.c[jt]s$/.test(file) ? 'module' : 'commonjs'
  if (format?.startsWith('module') || format?.startsWith(kind)) return format
  return file.endsWith('ts') ? `${kind}-typescript` : kind
}

/** At the beginning of a line, and no call of `import()`. */
const isModule = /^(?:import\s*[\w{*'"]|export\s*[\w{*])/m
