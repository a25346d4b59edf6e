/** The program that runs the `prepare` module. What it creates is tracked as in every Node process of a run. */
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import type { PrepareContext } from '@dustpan/core'
import { redact } from '@dustpan/core/driver'
import type { Prepared } from './prepared.ts'

/** Started as a program, never imported. */
const [, , file = '', context = '{}'] = process.argv
// Without the parent, nothing would keep what is created from then on.
process.once('disconnect', () => process.exit(1))
void run(file, JSON.parse(context) as PrepareContext)

async function run(file: string, context: PrepareContext): Promise<void> {
  try {
    const prepare = functionIn(await import(pathToFileURL(file).href))
    if (!prepare) throw new TypeError('its default export is not a function')
    end({ returned: JSON.stringify((await prepare(context)) ?? {}) }, 0)
  } catch (error) {
    // The message may contain a password in a URL.
    console.error(redact(inspect(error)))
    end({ failed: error instanceof Error ? error.message : String(error) }, 1)
  }
}

type Prepare = (context: PrepareContext) => unknown

/** The default export of a CommonJS module, also a transpiled one, is nested. */
function functionIn({ default: given }: { default?: unknown }): Prepare | undefined {
  const found = typeof given === 'function' ? given : (given as { default?: unknown } | undefined)?.default
  return typeof found === 'function' ? (found as Prepare) : undefined
}

/** Exits explicitly, as an open connection pool would keep the process running. */
function end(prepared: Prepared, code: number): void {
  process.send?.(prepared, () => process.exit(code))
}
