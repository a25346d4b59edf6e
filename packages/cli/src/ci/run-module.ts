/** The process that runs the module which prepares data: what it creates is tracked as that of every Node process of a run. */
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import type { PrepareContext } from '@dustpan/core'
import { redact } from '@dustpan/core/driver'
import type { Prepared } from './prepared.ts'

/** A program for Node: it is not loaded any other way. */
const [, , file = '', context = '{}'] = process.argv
// Nobody would keep what is created from then on.
process.once('disconnect', () => process.exit(1))
void run(file, JSON.parse(context) as PrepareContext)

async function run(file: string, context: PrepareContext): Promise<void> {
  try {
    const prepare = functionIn(await import(pathToFileURL(file).href))
    if (!prepare) throw new TypeError('its default export is not a function')
    end({ returned: JSON.stringify((await prepare(context)) ?? {}) }, 0)
  } catch (error) {
    // Its message may have the password of a URL.
    console.error(redact(inspect(error)))
    end({ failed: error instanceof Error ? error.message : String(error) }, 1)
  }
}

type Prepare = (context: PrepareContext) => unknown

/** A CommonJS module, or one that was made into it, comes wrapped. */
function functionIn({ default: given }: { default?: unknown }): Prepare | undefined {
  const found = typeof given === 'function' ? given : (given as { default?: unknown } | undefined)?.default
  return typeof found === 'function' ? (found as Prepare) : undefined
}

/** An open pool keeps no job from going on. */
function end(prepared: Prepared, code: number): void {
  process.send?.(prepared, () => process.exit(code))
}
