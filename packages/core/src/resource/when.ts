/** Checks the condition of a removal step, as written by the user. */
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Condition, Verdict } from './resource.ts'

const verdicts: readonly Verdict[] = ['passed', 'failed', 'skipped', 'interrupted', 'lost']

type Check = readonly [expected: string, test: (value: unknown) => boolean]

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const oneOrList = (test: (value: unknown) => boolean) => (value: unknown) => [value].flat().every(test)

const checks: { readonly [Name in keyof Required<Condition>]: Check } = {
  environment: ['the name of an environment, or a list', oneOrList(isText)],
  outcome: [
    `one of ${verdicts.join(', ')}, or a list`,
    oneOrList((one) => (verdicts as readonly unknown[]).includes(one)),
  ],
  env: ["the name of a variable, or 'NAME = value'", (value) => isText(value) && /^\w+(\s*=.*)?$/.test(String(value))],
  earlier: ["'failed' or 'skipped'", (value) => value === 'failed' || value === 'skipped'],
  answer: [
    "'body.field' or 'body.field = value'",
    (value) => isText(value) && /^body\.[^\s=]+(\s*=.*)?$/.test(String(value)),
  ],
}

/** @throws TypeError `DUSTPAN_INVALID_ARGUMENT` */
export function checkCondition(value: unknown, what: string): Condition {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    throw wrong(what, 'an object', value)
  for (const [name, given] of Object.entries(value)) {
    if (!Object.hasOwn(checks, name)) throw wrong(what, `its parts to be ${Object.keys(checks).join(', ')}`, name)
    const [expected, test] = checks[name as keyof Condition]
    if (!test(given)) throw wrong(`${what}.${name}`, expected, given)
  }
  return value as Condition
}

function wrong(what: string, expected: string, got: unknown): TypeError {
  return invalidArgument(`${what} expected ${expected}, got ${JSON.stringify(got)}.`)
}
