/** Recorded arguments of a file removal. */
import { join, relative, resolve } from 'node:path'
import type { Json } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { type Incarnation, incarnationOf } from './incarnation.ts'
import { contains, realFolder } from './real-folder.ts'

export interface PathArgs {
  /** The path, with `{id}` for the key. */
  readonly path: string
  /** Base of a relative path: another process may have another working directory. */
  readonly from: string
  /** Real paths when recorded, for paths with links on the way. */
  readonly real?: { readonly [path: string]: string }
  /** Folder of the configuration, for paths below it: the project may have moved since. */
  readonly root?: string
  /** Identity of that folder. A record without it is never looked for elsewhere. */
  readonly rootBorn?: Incarnation
  /** The file at each path when it was recorded; null: none yet. */
  readonly born?: { readonly [path: string]: Incarnation | null }
  /** Existing files whose creation time is unknown. */
  readonly doubtfulFiles?: readonly string[]
  readonly fileClock?: FileClock
}

/** The file system's clock. A type, not an interface, so that it is assignable to `Json`. */
export type FileClock = {
  /** When the run began, in milliseconds since the epoch. */
  readonly since: number
  /** How many milliseconds it is ahead of the process's. */
  readonly aheadMs: number
}

export const argsOf = ({ removal }: Target): PathArgs => removal.args as unknown as PathArgs

export function absolutePath({ path, from }: Pick<PathArgs, 'path' | 'from'>, key: Json): string {
  return resolve(
    from,
    path.replaceAll('{id}', () => String(key)),
  )
}

/** The path as given. */
export const namedPath = (target: Target): string => absolutePath(argsOf(target), target.key)

/** The file at the path when it was recorded or restored; null: none. */
export function bornOf(target: Target): Incarnation | null {
  const { born } = (target.note ?? {}) as { readonly born?: Incarnation | null }
  return born ?? argsOf(target).born?.[namedPath(target)] ?? null
}

/** Its current path, even if the project has moved. */
export function placeOf(target: Target, root: string): string {
  const { real, root: before, rootBorn } = argsOf(target)
  const named = namedPath(target)
  const path = real?.[named] ?? named
  const now = before === undefined ? undefined : realFolder(root)
  if (before === undefined || now === undefined || now === before || !contains(before, path)) return path
  const moved = join(now, relative(before, path))
  const born = bornOf(target)
  const [current, recorded] = born === null ? [incarnationOf(now), rootBorn] : [incarnationOf(moved), born]
  return recorded !== undefined && current === recorded ? moved : path
}
