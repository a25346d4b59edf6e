import type { ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'

/** The target that a statement's answer refers to: it numbers the batch's targets from 1. */
export function targetNumbered<One extends Pick<Target, 'id'>>(
  { targets }: { readonly targets: readonly One[] },
  number: unknown,
): One | undefined {
  return targets[Number(number) - 1]
}

/** The targets for which an answer has rows, each starting with the number. */
export function idsNumbered(
  batch: { readonly targets: readonly Pick<Target, 'id'>[] },
  rows: readonly (readonly unknown[])[],
): readonly ResourceId[] {
  return rows.flatMap(([number]) => targetNumbered(batch, number)?.id ?? [])
}
