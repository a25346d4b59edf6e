/** What goes with a file or folder that is removed, though it is on record by itself. */
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
      const along = others.filter((other) => goesWith(target, path, other))
      return [target.id, along.map((other) => ({ id: other.target.id, why: whyOf(path, other) }))]
    }),
  )
}

function whyOf(path: string, { path: its }: Other): string {
  return its === path
    ? `${path} was not removed: another test or run has it on record, too.`
    : `${path} was not removed: it contains ${its}, which another test or run has on record.`
}

interface Other {
  readonly target: Staying
  readonly path: string
}

function goesWith(going: Target, path: string, { target, path: its }: Other): boolean {
  if (its === path) return isSame(going, target)
  return going.removal.op === 'folder' && its.startsWith(path + sep) && isThere(target, its)
}

/** Two that stood there one after the other are not one. */
function isSame(one: Target, other: Target): boolean {
  const [born, its] = [bornOf(one), bornOf(other)]
  return born === null || its === null || born === its
}

/** A test that goes on may be about to write it. */
const isThere = (other: Staying, path: string): boolean => other.goesOn || incarnationOf(path) !== undefined
