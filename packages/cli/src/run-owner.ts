/** Formats who ran a run: the person to ask about what it kept. */
import { type FoldedRun, type ResourceRecord, redact } from '@dustpan/core/ledger'

type Owner = Partial<Pick<NonNullable<ResourceRecord['worker']>, 'user' | 'host' | 'job'>>

/** `anna on vm, job 4711`; empty when unknown. */
function ownerText({ user, host, job }: Owner): string {
  const person = [user, host].filter((part) => part !== undefined).join(' on ')
  return [...(person === '' ? [] : [person]), ...(job === undefined ? [] : [`job ${job}`])].join(', ')
}

export const keeperOf = ({ worker }: ResourceRecord): string => ownerText(worker ?? {})

/** `by anna on vm, job 4711`. */
export function runOwner({ writers }: FoldedRun): string {
  const { user, host, job } = writers.find(({ role }) => role === 'main') ?? writers[0] ?? {}
  return by(redact(ownerText({ ...(user && { user }), ...(host && { host }), ...(job && { job }) })))
}

/** Empty when the owner is unknown. */
export const by = (owner: string): string => owner && `by ${owner}`

/** `2026-11-22 05:12 UTC`. */
export const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`
