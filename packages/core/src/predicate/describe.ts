/** Describes a predicate in a few words, for the plan and the audit. */
import type { Predicate, Selection } from '../resource/predicate.ts'

export function describePredicate(predicate: Predicate, deletion?: Selection['deletion']): string {
  const { run, tag, owner, before, after, where = {}, reset, types, except } = predicate
  return [
    ...(reset ? ['everything'] : []),
    ...(run === undefined ? [] : [`run ${run}`]),
    ...(tag === undefined ? [] : [`tag ${tag}`]),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(before === undefined ? [] : [`created before ${timeOf(before)}`]),
    ...(after === undefined ? [] : [`created after ${timeOf(after)}`]),
    ...Object.entries(where).map(
      ([field, value]) => `${field} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
    ...(types ? [`only ${types.join(', ')}`] : []),
    ...(except ? [`not ${except.join(', ')}`] : []),
    ...(deletion === undefined ? [] : [deletion]),
  ].join(' · ')
}

const timeOf = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
