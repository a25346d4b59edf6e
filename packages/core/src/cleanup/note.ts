import type { Json, Resource, ResourceId } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'

/** Writes a driver's note to the ledger at once, so that the next process knows it if this one dies. */
export function recordNote(
  resources: readonly Resource[],
  ids: readonly ResourceId[],
  note: Json,
  ctx: Pick<CleanupContext, 'write'>,
): void {
  const meant = new Set(ids)
  ctx.write({ e: 'removal.noted', ids, note })
  for (const resource of resources) if (meant.has(resource.id)) resource.note = note
}
