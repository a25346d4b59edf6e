/** Checks the types of the options; the contents of rules and origins are checked where they are parsed. */

import { milliseconds } from '../config/duration.ts'
import { invalidOption } from '../http-rules/invalid-option.ts'
import { invalidHeader } from '../http-rules/unfit-header.ts'
import type { HttpOptions, HttpRule } from '../resource/http-options.ts'

type Checks<Options> = {
  readonly [Name in keyof Required<Options>]: readonly [expected: string, test: (value: unknown) => boolean]
}

const isText = (value: unknown) => typeof value === 'string'
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown) => isObject(value) && Object.values(value as object).every(isText)
const listOf = (test: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(test)
const isRequests = (value: unknown) => [value].flat().every((one) => isText(one) || isObject(one))
const isBoolean = (value: unknown) => typeof value === 'boolean'
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0
const isStatus = (value: unknown) => Number.isInteger(value) && (value as number) >= 200 && (value as number) < 400

const optionChecks: Checks<HttpOptions> = {
  origins: ['a list of origins', listOf(isText)],
  rules: ['a list of rules', listOf(isObject)],
  byPredicate: ['an object of kinds', isObject],
  auth: ['a function that gives headers', (value) => typeof value === 'function'],
  headers: ['an object of headers', isTexts],
  concurrency: ['a whole number above 0', isCount],
  timeout: ["a duration such as '10s'", (value) => milliseconds(value) !== undefined],
  track: ['true or false', isBoolean],
}

const ruleChecks: Checks<HttpRule> = {
  create: ['a method and a path, or a list of these', (value) => isText(value) || listOf(isText)(value)],
  status: ['a list of statuses from 200 to 399', listOf(isStatus)],
  type: ['a text', isText],
  id: ['a place in the answer', isText],
  remove: ['a request', (value) => isText(value) || isObject(value)],
  verify: ['a GET request, or false', (value) => isText(value) || value === false],
  gone: ['a place in the answer to verify', isText],
  first: ['a request, or a list of these', isRequests],
  permanent: ['a request, or true', (value) => isText(value) || isObject(value) || value === true],
  restore: ['a request', (value) => isText(value) || isObject(value)],
  fallback: ['a request, or a list of these', isRequests],
  when: ['an object of conditions', isObject],
  many: ['an object of types and places', isTexts],
  entities: ['a place in the answer', isText],
  removals: ['an object of types and requests', isObject],
  ignore: ['true or false', isBoolean],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`: the option's path, what was expected, what was found. */
export function checkOptions(options: unknown, path: string): HttpOptions {
  check(optionChecks, options ?? {}, path)
  const checked = (options ?? {}) as HttpOptions
  const invalid = invalidHeader(checked.headers ?? {})
  if (invalid) throw invalidOption(`${path}.headers.${invalid.name}`, invalid.expected, '', hint, true)
  for (const [i, rule] of checked.rules?.entries() ?? []) check(ruleChecks, rule, `${path}.rules[${i}]`, ['create'])
  return checked
}

const hint = 'The options of http() are described in docs/http.md.'

function check<Options>(
  checks: Checks<Options>,
  options: object,
  path: string,
  required: readonly string[] = [],
): void {
  for (const name of [...required, ...Object.keys(options)]) {
    const value = (options as Record<string, unknown>)[name]
    if (value === undefined && !required.includes(name)) continue
    const found = Object.hasOwn(checks, name) ? checks[name as keyof Options] : undefined
    if (!found) throw invalidOption(path, `the options ${Object.keys(checks).join(', ')}`, name, hint)
    const [expected, test] = found
    if (!test(value))
      throw invalidOption(`${path}.${name}`, expected, value, hint, name === 'auth' || name === 'headers')
  }
}
