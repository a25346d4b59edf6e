import type { Json, Resource, ResourceId } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'

/** On record at once: should this process die, whoever goes on knows. */
export function noteOn(
  resources: readonly Resource[],
  ids: readonly ResourceId[],
  note: Json,
  ctx: Pick<CleanupContext, 'write'>,
): void {
  const meant = new Set(ids)
  ctx.write({ e: 'removal.noted', ids, note })
  for (const resource of resources) if (meant.has(resource.id)) resource.note = note
}
