/** Loads a configuration file in the format it is written in, whatever package.json or a runner's transpiler says about its format. */
import { readFileSync, realpathSync } from 'node:fs'
import nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * Effective until disposed. npm 11's `npm init` writes `"type": "commonjs"`, so that Node takes a `.ts` or `.js` file with `import` or
 * `export` for CommonJS, and fails; a runner's transpiler may do the same (Playwright's does if it was imported earlier).
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

/** @param format Node's own answer; null if Node would have to inspect the file */
function formatOf(file: string, format: string | null | undefined, source: string): string {
  const kind = isModule.test(source) && !/\.c[jt]s$/.test(file) ? 'module' : 'commonjs'
  if (format?.startsWith('module') || format?.startsWith(kind)) return format
  return file.endsWith('ts') ? `${kind}-typescript` : kind
}

/** Matches at the start of a line; a call of `import()` does not match. */
const isModule = /^(?:import\s*[\w{*'"]|export\s*[\w{*])/m
