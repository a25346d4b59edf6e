/** Outcomes for paths that no longer exist: removed, renamed, or never created. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import { type Incarnation, incarnationOf } from './incarnation.ts'
import { bornOf } from './path-args.ts'
import type { Placed } from './remove.ts'

export function missing(
  places: readonly Placed[],
  removed: ReadonlySet<string>,
  { warn }: Pick<RemovalContext, 'warn'>,
): ReadonlyMap<ResourceId, RemovalOutcome> {
  const folders = new Map<string, Names>()
  const goneWithParent = new Set(places.filter(({ path }) => isIn(path, removed)))
  const neverSeen = places.filter((placed) => !goneWithParent.has(placed) && isUnseen(placed))
  if (neverSeen.length > 0) warn?.('DUSTPAN_NEVER_THERE', neverThere(neverSeen.map(({ path }) => path).sort()))
  return new Map(
    places.map((placed) => {
      const { target, path } = placed
      if (goneWithParent.has(placed)) return [target.id, goneWithFolder]
      const born = bornOf(target)
      if (born === null) return [target.id, neverSeenThere]
      const other = namesIn(dirname(path), folders).get(born)
      return [target.id, other === undefined ? gone : renamed(path, other)]
    }),
  )
}

const gone: RemovalOutcome = { state: 'already-gone', result: 'not found' }

const neverSeenThere: RemovalOutcome = { ...gone, neverSeen: true }

const goneWithFolder: RemovalOutcome = { state: 'already-gone', result: 'removed with its folder', expected: true }

function isIn(path: string, folders: ReadonlySet<string>): boolean {
  const above = dirname(path)
  return folders.has(above) || (above !== path && isIn(above, folders))
}

/** Only conclusive right at the end of the test: later anyone may have removed it. */
const isUnseen = ({ target }: Placed): boolean => bornOf(target) === null && target.endedAt === undefined

type Names = ReadonlyMap<Incarnation, string>

/** Larger folders are not searched. */
const maxNames = 1000

function namesIn(folder: string, known: Map<string, Names>): Names {
  const found = known.get(folder) ?? scan(folder)
  known.set(folder, found)
  return found
}

function scan(folder: string): Names {
  try {
    const names = readdirSync(folder)
    if (names.length > maxNames) return new Map()
    const paths = names.map((name) => join(folder, name))
    return new Map(paths.flatMap((path) => incarnations(path)))
  } catch {
    return new Map()
  }
}

function incarnations(path: string): readonly (readonly [Incarnation, string])[] {
  const found = incarnationOf(path)
  return found === undefined ? [] : [[found, path]]
}

function renamed(path: string, other: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', `${path} was not removed: it is ${other} by now.`, {
    hint: 'Track it under its last name, and remove this one by hand.',
  })
  return { state: 'failed', error, retry: false }
}

function neverThere(paths: readonly string[]): string {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : ''
  return `${paths.slice(0, 3).join(', ')}${more}: not there when tracked, and not at the end of the test. If the test did not remove it itself, check the path.`
}
