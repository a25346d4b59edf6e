/** Removes Dustpan's frames from the stacks of the user's errors, so that Jest shows them as it would without Dustpan. */
import { fileURLToPath } from 'node:url'

const here = new URL('.', import.meta.url)
const ownFolders = [here.href, fileURLToPath(here)]
/** Frames that run a function in a scope: none of the user's frames can be between these and ours. */
const scopeFrame =
  /node:(?:async_hooks|internal\/async_local_storage)|[\\/]core[\\/](?:dist|src)[\\/](?:runner[\\/]open-scope|tracking[\\/]context)\./

/**
 * Edits the stacks in place, also of the error's causes and of the errors that it aggregates. An array of errors is accepted
 * too.
 */
export function hideOwnFrames(error: unknown, seen = new Set<unknown>()): void {
  if (typeof error !== 'object' || error === null || seen.has(error)) return
  seen.add(error)
  if (Array.isArray(error)) for (const part of error) hideOwnFrames(part, seen)
  const { stack, cause, errors } = error as { stack?: unknown; cause?: unknown; errors?: unknown }
  if (typeof stack === 'string' && isOurs(stack)) Reflect.set(error, 'stack', withoutOwnFrames(stack))
  hideOwnFrames(cause, seen)
  hideOwnFrames(errors, seen)
}

const isOurs = (text: string): boolean => ownFolders.some((folder) => text.includes(folder))

function withoutOwnFrames(stack: string): string {
  const kept: string[] = []
  for (const line of stack.split('\n')) {
    kept.push(line)
    if (!isOurs(line)) continue
    do kept.pop()
    while (scopeFrame.test(kept.at(-1) ?? ''))
  }
  return kept.join('\n')
}
