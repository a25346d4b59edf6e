/** Takes Dustpan's frames out of the stacks of the user's errors, so that Jest shows them as if it were not there. */
import { fileURLToPath } from 'node:url'

const here = new URL('.', import.meta.url)
const ours = [here.href, fileURLToPath(here)]
/** What runs a function in a scope: no frame of the user's can be between these and ours. */
const between =
  /node:(?:async_hooks|internal\/async_local_storage)|[\\/]core[\\/](?:dist|src)[\\/](?:runner[\\/]open-scope|tracking[\\/]context)\./

/** In place, with its causes, and with the errors that it is made of; a list of errors is one such. */
export function hideOwnFrames(error: unknown, seen = new Set<unknown>()): void {
  if (typeof error !== 'object' || error === null || seen.has(error)) return
  seen.add(error)
  if (Array.isArray(error)) for (const part of error) hideOwnFrames(part, seen)
  const { stack, cause, errors } = error as { stack?: unknown; cause?: unknown; errors?: unknown }
  if (typeof stack === 'string' && isOurs(stack)) Reflect.set(error, 'stack', withoutOwnFrames(stack))
  hideOwnFrames(cause, seen)
  hideOwnFrames(errors, seen)
}

const isOurs = (text: string): boolean => ours.some((place) => text.includes(place))

function withoutOwnFrames(stack: string): string {
  const kept: string[] = []
  for (const line of stack.split('\n')) {
    kept.push(line)
    if (!isOurs(line)) continue
    do kept.pop()
    while (between.test(kept.at(-1) ?? ''))
  }
  return kept.join('\n')
}
