/** Reads from the answer to a batch removal what was not removed: how many, or which. */

import { idOf } from '../http-rules/default-ids.ts'
import { isId, parsePlace, valuesAt } from '../http-rules/place.ts'
import type { Json } from '../resource/resource.ts'

export interface Tally {
  readonly count: number
  /** Reasons by id; fewer than `count` if the answer does not name them all. */
  readonly named: ReadonlyMap<string, string | undefined>
}

/** @param place `body.data.failed`; undefined: the removal gives no place */
export function tallyAt(place: string | undefined, body: Json | undefined): Tally | undefined {
  if (place === undefined) return undefined
  const parsed = parsePlace(place, 'tally')
  if (parsed.in !== 'body') return undefined
  const list = isListAt(body, parsed.steps)
  const values = valuesAt(body, parsed.steps)
  if (values.length === 0) return list ? nothing : undefined
  return list ? listed(values) : { ...nothing, count: Number(values[0]) }
}

const nothing: Tally = { count: 0, named: new Map() }

function listed(values: readonly Json[]): Tally {
  const named = new Map<string, string | undefined>()
  for (const value of values) {
    const id = isId(value) ? value : idOf(value)
    if (id !== undefined) named.set(String(id), reasonOf(value))
  }
  return { count: values.length, named }
}

const reasons = ['reason', 'message', 'error'] as const

function reasonOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields = value as { readonly [name: string]: Json }
  return reasons.map((name) => fields[name]).find((reason) => typeof reason === 'string')
}

function isListAt(value: Json | undefined, steps: readonly string[]): boolean {
  if (Array.isArray(value)) return true
  const [first, ...rest] = steps
  if (first === undefined || typeof value !== 'object' || value === null) return false
  return isListAt((value as { readonly [name: string]: Json })[first], rest)
}
