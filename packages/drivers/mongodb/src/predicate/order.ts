/** Sorts kinds so that children come before the collections they refer to. */
import { isUnfit, type UnfitKind } from '@dustpan/core/rows'
import type { Settings } from '../options.ts'
import { referencesTo } from '../removal/references.ts'
import type { AskedKind } from './kinds.ts'

type Kind = AskedKind | UnfitKind

export function childrenFirst(kinds: readonly Kind[], { references = {} }: Settings): readonly Kind[] {
  const collectionOf = (kind: Kind) => (isUnfit(kind) ? '' : kind.table)
  const sorted: Kind[] = []
  const visit = (kind: Kind, path: readonly string[]) => {
    if (sorted.includes(kind) || path.includes(collectionOf(kind))) return
    for (const { child } of referencesTo(references, collectionOf(kind)))
      for (const other of kinds) if (collectionOf(other) === child) visit(other, [...path, collectionOf(kind)])
    if (!sorted.includes(kind)) sorted.push(kind)
  }
  for (const kind of kinds) visit(kind, [])
  return sorted
}
