/** Compiles the rules of an instance: which requests create what, and how it is removed. */
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { HttpRequestTemplate, HttpRule } from '../resource/http-options.ts'
import { singular } from '../resource/plural.ts'
import { namesIn } from '../resource/template.ts'
import { checkParts, parseIdPlace } from './check-create.ts'
import { emptiedByRule } from './empties.ts'
import { invalidOption } from './invalid-option.ts'
import { typeOfPath } from './noun.ts'
import { parseParts } from './parse-removal.ts'
import { type Place, parsePlace } from './place.ts'
import type { PlainRequest } from './plain-request.ts'
import { parseRequest, type RequestTemplate, requestNames } from './request-template.ts'
import { parseRoute, type Route } from './route.ts'

export interface Rule {
  readonly routes: readonly Route[]
  readonly status: readonly number[]
  readonly type?: string
  readonly id?: Place
  readonly remove?: RequestTemplate
  readonly fallback?: readonly RequestTemplate[]
  /** The parts of the rule's removal besides the request. */
  readonly parts: Omit<RequestTemplate, keyof PlainRequest>
  readonly many?: Readonly<Record<string, Place>>
  readonly entities?: Place
  readonly removals: Readonly<Record<string, RequestTemplate>>
  readonly ignore: boolean
}

export interface MatchedRule {
  readonly rule: Rule
  readonly route: Route
  /** The path's parameters. */
  readonly params: Readonly<Record<string, string>>
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`: the option's path, what was expected, what was found. */
export function compileRules(rules: readonly HttpRule[] = [], path: string): Rule[] {
  return rules.map((rule, i) => compileRule(rule, `${path}[${i}]`))
}

/** The first rule that matches a request. @param target path and query */
export function findRule(rules: readonly Rule[], method: string, target: string): MatchedRule | undefined {
  for (const rule of rules) {
    for (const route of rule.routes) {
      const params = route.match(method, target)
      if (params) return { rule, route, params }
    }
  }
  return undefined
}

function compileRule(rule: HttpRule, path: string): Rule {
  const routes = [rule.create]
    .flat()
    .map((text, i) => parseRoute(text, Array.isArray(rule.create) ? `${path}.create[${i}]` : `${path}.create`))
  const types = rule.type === undefined ? routes.map(typeOfRoute) : [rule.type]
  const template = (spec: string | HttpRequestTemplate, at: string, of = types) => compileRemoval(spec, routes, of, at)
  checkOneType(rule, path)
  checkParts(rule, routes, path)
  return {
    routes,
    status: rule.status ?? [201],
    ...(rule.type === undefined ? {} : { type: rule.type }),
    ...(rule.id === undefined ? {} : { id: parseIdPlace(rule.id, routes, `${path}.id`) }),
    ...(rule.remove === undefined ? {} : { remove: template(rule.remove, `${path}.remove`) }),
    ...(rule.fallback === undefined
      ? {}
      : { fallback: [rule.fallback].flat().map((one, i) => template(one, `${path}.fallback[${i}]`)) }),
    parts: partsOf(rule, routes, types, path),
    ...(rule.many === undefined
      ? {}
      : { many: mapEntries(rule.many, (place, type) => parseIdPlace(place, routes, `${path}.many.${type}`)) }),
    ...(rule.entities === undefined ? {} : { entities: parsePlace(rule.entities, `${path}.entities`) }),
    removals: mapEntries(rule.removals ?? {}, (spec, type) =>
      template(spec, `${path}.removals.${type}`, [singular(type)]),
    ),
    ignore: rule.ignore ?? false,
  }
}

/** Ids of one type must never be sent to the removal of another. */
function checkOneType(rule: HttpRule, path: string): void {
  const several = rule.many || rule.entities
  const wrong = several && forOneType.find((name) => rule[name] !== undefined)
  if (!wrong) return
  const hint =
    wrong === 'id'
      ? "Say where the ids of each type are: many: { user: 'body.users[].id' }."
      : 'With many and entities, say it for each type: removals: { user: { request, permanent } }.'
  throw invalidOption(`${path}.${wrong}`, 'nothing, as the rule covers several types', rule[wrong], hint)
}

const forOneType = ['id', 'remove', 'first', 'permanent', 'restore', 'fallback'] as const

const typeOfRoute = ({ pattern }: Route): string => typeOfPath(pattern.replace(/\{\w+\}|\*/g, '0'))

function compileRemoval(
  spec: string | HttpRequestTemplate,
  routes: readonly Route[],
  types: readonly string[],
  path: string,
): RequestTemplate {
  const template = checked(() => parseRequest(spec, path))
  if (!template.url.startsWith('/'))
    throw invalidOption(path, 'a path', template.url, 'It is removed where it was created.')
  checkNames(requestNames(template), routes, path)
  checkNotAll(template, routes, types, path)
  return template
}

function checkNotAll(
  template: RequestTemplate,
  routes: readonly Route[],
  types: readonly string[],
  path: string,
): void {
  const emptied = emptiedByRule(template, routes, types)
  if (emptied === undefined) return
  const hint = `Name the resource: 'DELETE ${emptied}/{id}', or 'DELETE ${emptied}?id={id}'.`
  throw invalidOption(path, 'a removal of one thing', `DELETE ${emptied}`, `It would delete everything there. ${hint}`)
}

function checkNames(names: readonly string[], routes: readonly Route[], path: string): void {
  const known = new Set(['id', 'each.id', 'ids', 'job', ...routes.flatMap(({ pattern }) => namesIn(pattern))])
  const unknown = names.find((name) => !known.has(name) && !name.startsWith('body.'))
  if (unknown === undefined) return
  const hint = `Here these can be: ${[...known]
    .filter((name) => name !== 'job')
    .map((name) => `{${name}}`)
    .join(', ')} and {body.…} of the answer.`
  throw invalidOption(path, 'names that can be filled in', `{${unknown}}`, hint)
}

function partsOf(rule: HttpRule, routes: readonly Route[], types: readonly string[], path: string): Rule['parts'] {
  const { verify, gone, first, permanent, restore, when } = rule
  const parts = checked(() => parseParts({ verify, gone, first, permanent, restore, when }, path))
  for (const [name, part] of Object.entries(parts))
    checkNames(requestNames({ method: '', url: '', [name]: part }), routes, `${path}.${name}`)
  checkNotAll({ method: '', url: '', ...parts }, routes, types, path)
  return parts
}

function checked<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    const hint = isDustpanError(cause) ? cause.hint : undefined
    throw new DustpanError('DUSTPAN_CONFIG_INVALID', messageOf(cause), {
      cause,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

function mapEntries<A, B>(record: Readonly<Record<string, A>>, map: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
}
