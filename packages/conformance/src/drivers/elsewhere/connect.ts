/**
 * A program in which a driver connects: `node connect.ts <use> <options> <folder> <library to hide>`. It sends the error to its
 * parent. The hidden library can be resolved only from the folder.
 */
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDustpanError } from '@dustpan/core'
import { openDriver } from '../driver.ts'

const [use = '', options = '{}', folder = '', hidden = ''] = process.argv.slice(2)
const inFolder = pathToFileURL(join(folder, '/')).href

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    if (specifier !== hidden || found.url.startsWith(inFolder)) return found
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'MODULE_NOT_FOUND' })
  },
})
try {
  const driver = await openDriver(use, 'main', JSON.parse(options), folder)
  const id = driver.ownStore?.() ?? ''
  const connection = await driver.connect(
    { driver: 'main', id },
    { signal: AbortSignal.timeout(20_000), deadline: Date.now() + 20_000 },
  )
  await connection[Symbol.asyncDispose]()
  console.log('{}')
} catch (error) {
  const { code, message, hint } = error as { code?: string; message: string; hint?: string }
  console.log(JSON.stringify(isDustpanError(error) ? { code, message, hint } : { message: String(error) }))
}
