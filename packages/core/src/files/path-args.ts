/** What a removal of files has on record. */
import { join, relative, resolve } from 'node:path'
import type { Json } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { type Incarnation, incarnationOf } from './incarnation.ts'
import { contains, realFolder } from './real-folder.ts'

export interface PathArgs {
  /** With `{id}` for the key. */
  readonly path: string
  /** Where a relative path starts: another process may be elsewhere. */
  readonly from: string
  /** Where the links on the way led when it was put on record, for paths with such. */
  readonly real?: { readonly [path: string]: string }
  /** Folder of the configuration, where paths are below it: it may be somewhere else by now. */
  readonly root?: string
  /** Which folder that was. A record without it is never looked for elsewhere. */
  readonly rootBorn?: Incarnation
  /** What stood at each path when it was put on record; null: nothing yet. */
  readonly born?: { readonly [path: string]: Incarnation | null }
  /** Those that stood there, and nothing shows since when. */
  readonly doubtfulFiles?: readonly string[]
  readonly fileClock?: FileClock
}

/** The file system's own. A type, as it is JSON. */
export type FileClock = {
  /** When the run began, in milliseconds since the epoch. */
  readonly since: number
  /** By so many milliseconds it is ahead of the process's. */
  readonly aheadMs: number
}

export const argsOf = ({ removal }: Target): PathArgs => removal.args as unknown as PathArgs

export function absolutePath({ path, from }: Pick<PathArgs, 'path' | 'from'>, key: Json): string {
  return resolve(
    from,
    path.replaceAll('{id}', () => String(key)),
  )
}

/** As it was given. */
export const namedPath = (target: Target): string => absolutePath(argsOf(target), target.key)

/** What stood there when it was put on record, or was brought back there; null: nothing. */
export function bornOf(target: Target): Incarnation | null {
  const { born } = (target.note ?? {}) as { readonly born?: Incarnation | null }
  return born ?? argsOf(target).born?.[namedPath(target)] ?? null
}

/** Where it is now. */
export function placeOf(target: Target, root: string): string {
  const { real, root: before, rootBorn } = argsOf(target)
  const named = namedPath(target)
  const path = real?.[named] ?? named
  const now = before === undefined ? undefined : realFolder(root)
  if (before === undefined || now === undefined || now === before || !contains(before, path)) return path
  const moved = join(now, relative(before, path))
  const born = bornOf(target)
  const [its, recorded] = born === null ? [incarnationOf(now), rootBorn] : [incarnationOf(moved), born]
  return recorded !== undefined && its === recorded ? moved : path
}
