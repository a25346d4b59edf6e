/** Finds separately recorded paths that the removal of a file or folder would remove as well. */
import { sep } from 'node:path'
import type { ResourceId } from '../resource/resource.ts'
import type { Staying, TakenAlong, Target } from '../resource/target.ts'
import { incarnationOf } from './incarnation.ts'
import { bornOf, placeOf } from './path-args.ts'

export function takenAlong(
  going: readonly Target[],
  staying: readonly Staying[],
  root: string,
): ReadonlyMap<ResourceId, readonly TakenAlong[]> {
  const others = staying.map((target) => ({ target, path: placeOf(target, root) }))
  return new Map(
    going.map((target) => {
      const path = placeOf(target, root)
      const along = others.filter((other) => isTakenAlong(target, path, other))
      return [target.id, along.map((other) => ({ id: other.target.id, why: reasonText(path, other) }))]
    }),
  )
}

function reasonText(path: string, { path: otherPath }: Other): string {
  return otherPath === path
    ? `${path} was not removed: another test or run has it on record, too.`
    : `${path} was not removed: it contains ${otherPath}, which another test or run has on record.`
}

interface Other {
  readonly target: Staying
  readonly path: string
}

function isTakenAlong(going: Target, path: string, { target, path: otherPath }: Other): boolean {
  if (otherPath === path) return isSame(going, target)
  return going.removal.op === 'folder' && otherPath.startsWith(path + sep) && isThere(target, otherPath)
}

/** Whether both recorded the same file: two files that existed at the path one after the other differ. */
function isSame(one: Target, other: Target): boolean {
  const [born, otherBorn] = [bornOf(one), bornOf(other)]
  return born === null || otherBorn === null || born === otherBorn
}

/** A running test may still be about to write it. */
const isThere = (other: Staying, path: string): boolean => other.goesOn || incarnationOf(path) !== undefined
