/** Loads packages named in the configuration, resolved from the project. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'

/** Imports one function of a package. `what` is its kind, for messages: `driver`. @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE` */
export async function importFrom<Create>(use: string, root: string, name: string, what: string): Promise<Create> {
  const module = await load(use, root, what)
  if (typeof module[name] === 'function') return module[name] as Create
  throw new DustpanError(
    'DUSTPAN_DRIVER_UNAVAILABLE',
    `${JSON.stringify(use)} is not a Dustpan ${what}: it does not export ${name}.`,
    { hint: 'Check `use` in the configuration.' },
  )
}

async function load(use: string, root: string, what: string): Promise<Record<string, unknown>> {
  try {
    const file = createRequire(join(root, 'package.json')).resolve(use)
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (cause) {
    if (isDustpanError(cause)) throw cause
    throw new DustpanError(
      'DUSTPAN_DRIVER_UNAVAILABLE',
      `The ${what} ${JSON.stringify(use)} could not be loaded from ${root}: ${messageOf(cause)}`,
      { hint: `Install it: npm install --save-dev ${use}`, cause },
    )
  }
}
