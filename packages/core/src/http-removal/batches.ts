/** Groups targets into batches: the resources that one request removes. */

import { formFor } from '../http-rules/deletion.ts'
import { fillRequest, keyValues, type RequestTemplate } from '../http-rules/request-template.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json, ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import type { Settle } from './remove-one.ts'

/** The resources that one request removes: one, or up to the request's batch size. */
export interface Batch {
  readonly targets: readonly Target[]
  readonly template: RequestTemplate
  /** A job already started for exactly these resources, by this process or an earlier one. */
  readonly job?: string
}

export type Settled = readonly [ResourceId, Settle]

export function batchesOf(targets: readonly Target[], deletion: Profile['deletion']): readonly Batch[] {
  const batches: Batch[] = []
  const groups = new Map<string, Target[]>()
  for (const target of targets) {
    const { template, group } = shapeOf(target.removal.args, deletion)
    const name = group === undefined ? undefined : `${jobOf(target) ?? ''}\n${group}`
    const known = name === undefined ? undefined : groups.get(name)
    if (known) known.push(target)
    else if (name === undefined) batches.push({ targets: [target], template })
    else groups.set(name, [target])
  }
  for (const members of groups.values()) batches.push(...chunks(members, deletion))
  return batches
}

/** Whether the outcomes come in one answer for all, or later from a job. */
export const isBatched = ({ template }: Pick<Batch, 'template'>): boolean =>
  template.job !== undefined || template.batch !== undefined

/** A target's request, filled in as for a single removal. */
export function requestOf({ removal, key }: Target, deletion: Profile['deletion']): RequestTemplate {
  return fillRequest(shapeOf(removal.args, deletion).template, keyValues(key))
}

function chunks(members: readonly Target[], deletion: Profile['deletion']): Batch[] {
  const [first] = members as readonly [Target, ...Target[]]
  const { template } = shapeOf(first.removal.args, deletion)
  const job = jobOf(first)
  if (job !== undefined) return [{ targets: members, template, job }]
  const size = template.batch ?? 1
  return Array.from({ length: Math.ceil(members.length / size) }, (_, i) => ({
    targets: members.slice(i * size, (i + 1) * size),
    template,
  }))
}

const jobOf = ({ note }: Target): string | undefined => (note as { readonly job?: string } | null | undefined)?.job

interface Shape {
  readonly template: RequestTemplate
  /** Resources with the same request are in the same group; undefined: each is removed alone. */
  readonly group?: string
}

const shapes = new WeakMap<object, Shape>()

/** All resources of a set share their arguments. An instance has one profile. */
function shapeOf(args: Json, deletion: Profile['deletion']): Shape {
  const known = shapes.get(args as object)
  if (known) return known
  const template = formFor(args as unknown as RequestTemplate, deletion)
  const shape = !isBatched({ template }) ? { template } : { template, group: JSON.stringify(template) }
  shapes.set(args as object, shape)
  return shape
}
