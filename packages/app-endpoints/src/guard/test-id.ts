/** Checks the id and the age of the test that makes a call. */

import { badInput, Refusal } from '../refusal.ts'
import type { Fields } from '../store.ts'

export interface CallingTest {
  readonly id: string
  /** The run that it belongs to. */
  readonly run: string
  readonly maxAgeMinutes: number
}

export interface TestIdRules {
  readonly prefix: string
  /** The default for calls that set none. */
  readonly maxAgeMinutes: number
}

/** The upper limit of `maxAgeMinutes`. */
export const maxMinutes = 24 * 60

/** Tolerated difference between clocks. */
const skewMs = 5 * 60_000

/** Dustpan's own test ids: `20261121-051207-k3f9x2.w1-4`. */
const ownId = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-[a-z0-9]{1,16}(?=\.[\w.-]+$)/

/** @throws Refusal 400: not a valid test id, or the test is too old */
export function callingTest(id: string, body: Fields, rules: TestIdRules): CallingTest {
  if (!looksLikeTest(id, rules.prefix)) {
    const expected = `it begins with ${JSON.stringify(rules.prefix)}, or is one of Dustpan's`
    throw new Refusal(400, 'test-id', `Invalid test id: ${expected}, and has at most 128 letters, digits and . _ -`)
  }
  const maxAgeMinutes = allowedAge(body.maxAgeMinutes, rules)
  const begun = Math.min(timeIn(id, rules.prefix) ?? Number.POSITIVE_INFINITY, timeGiven(body.testCreationTime))
  const age = Number.isFinite(begun) ? Date.now() - begun : 0
  if (age < -skewMs) throw badInput('The test begins in the future')
  if (age > maxAgeMinutes * 60_000) {
    const minutes = Math.floor(age / 60_000)
    throw new Refusal(400, 'too-old', `The test is ${minutes} minutes old; at most ${maxAgeMinutes} are allowed`)
  }
  return { id, run: ownId.exec(id)?.[0] ?? id, maxAgeMinutes }
}

const looksLikeTest = (id: string, prefix: string): boolean =>
  /^[\w.-]{1,128}$/.test(id) && ((id.startsWith(prefix) && id.length > prefix.length) || ownId.test(id))

function allowedAge(requested: unknown, { maxAgeMinutes }: TestIdRules): number {
  if (requested === undefined) return maxAgeMinutes
  if (typeof requested !== 'number' || !(requested > 0)) throw badInput('maxAgeMinutes: expected a number above 0')
  return Math.min(requested, maxMinutes)
}

/** When the test began, if its id contains the time: Dustpan's ids do, and `<prefix><milliseconds>_…`. */
function timeIn(id: string, prefix: string): number | undefined {
  const [, year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (ownId.exec(id) ?? []).map(Number)
  if (year) return Date.UTC(year, month - 1, day, hour, minute, second)
  const stamp = id.startsWith(prefix) ? /^\d{13}(?=[._-]|$)/.exec(id.slice(prefix.length)) : undefined
  return stamp ? Number(stamp[0]) : undefined
}

function timeGiven(time: unknown): number {
  if (time === undefined) return Number.POSITIVE_INFINITY
  if (typeof time !== 'number' || !Number.isFinite(time)) throw badInput('testCreationTime: expected milliseconds')
  return time
}
