/** Removals of this driver as data: `delete`. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'

/** To be written: the removal for `track()`'s `{ kind: 'things', store: 'main' }`. @throws TypeError for anything else. */
export function removalOf(driver: string, { kind, store: _, ...others }: { readonly [key: string]: Json }): Removal {
  const [other] = Object.keys(others)
  if (other !== undefined) throw invalidArgument(`track(): remove.${other}: there is no such option`)
  if (typeof kind === 'string' && kind !== '') return { driver, op: 'delete', v: 1, args: { kind } }
  throw invalidArgument(`track(): remove.kind: expected a text, got ${JSON.stringify(kind) ?? 'nothing'}`)
}

export function kindOf({ args }: Removal): string {
  return (args as { readonly kind: string }).kind
}
