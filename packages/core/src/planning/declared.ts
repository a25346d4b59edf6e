import type { Resource, ResourceId } from '../resource/resource.ts'

/** The resource that this one is a declared child of. */
export function parentOf({ set: { metadata } }: Resource): ResourceId | undefined {
  return (metadata as { readonly childOf?: ResourceId } | undefined)?.childOf
}

export const isDeclared = (resource: Resource): boolean => parentOf(resource) !== undefined
