/** Recognises answers that show something other than the new resource: by a type, a link, or a nested resource. */
import { idOf } from '../http-rules/default-ids.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { alikeNouns, sameNoun } from './referred.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'

type Fields = { readonly [name: string]: Json }

/** @param resource the resource in the body, which has an id @param type the type that the path implies */
export function showsOther(
  resource: Json | undefined,
  creation: SeenCreation,
  answer: SeenAnswer,
  type: string,
): boolean {
  return [resource].flat().some((one) => {
    if (typeof one !== 'object' || one === null) return false
    const shown = one as Fields
    return (
      isOfOtherType(shown, answer, type) || nestsOwnType(shown, type) || linksElsewhere(shown, creation, answer, type)
    )
  })
}

/** JSON:API names the type of each resource; elsewhere `type` is an ordinary field. */
function isOfOtherType(resource: Fields, answer: SeenAnswer, type: string): boolean {
  if (type === 'resource' || answer.body === resource) return false
  return (
    (isJsonApi(answer) || [resource.attributes, resource.relationships].some(isFields)) && namesOther(resource, type)
  )
}

/** Whether the type that a resource names is another. */
export const namesOther = ({ type: named }: Fields, type: string): boolean =>
  typeof named === 'string' && !alikeNouns(named, type)

/** Whether the answer is JSON:API. */
export function isJsonApi({ body, header }: Pick<SeenAnswer, 'body' | 'header'>): boolean {
  const names = Array.isArray(body) ? [] : Object.keys((body ?? {}) as object)
  return (
    names.some((name) => /^(jsonapi|atomic:results)$/.test(name)) ||
    /vnd\.api\+json/i.test(header('content-type') ?? '')
  )
}

const isFields = (part: Json | undefined): boolean => typeof part === 'object' && part !== null && !Array.isArray(part)

/** `{ id, action, user: { id } }` for `POST /users`: the outer id is not the user's. */
function nestsOwnType(resource: Fields, type: string): boolean {
  return Object.entries(resource).some(([name, value]) => {
    const own = sameNoun(name, type) ? idOf(value) : undefined
    return own !== undefined && String(own) !== String(idOf(resource))
  })
}

function linksElsewhere(resource: Fields, { path }: SeenCreation, { sent }: SeenAnswer, type: string): boolean {
  const self = linkPath(selfOf(resource), path)
  if (self !== undefined && self !== path && (isAbove(self, path) || !isOwnPath(self, resource, type))) return true
  return [resource.href, resource.url].some((link) => {
    const to = linkPath(link, path)
    return to !== undefined && isAbove(to, path) && !JSON.stringify(sent ?? null).includes(JSON.stringify(link))
  })
}

/** The self link of HAL, JSON:API and others. */
export function selfOf({ _links, links, self }: Fields): Json | undefined {
  for (const given of [_links, links, { self: self ?? null }]) {
    const found = Array.isArray(given)
      ? given.find((one: Json) => (one as Fields | null)?.rel === 'self')
      : (given as Fields | null | undefined)?.self
    if (found !== undefined && found !== null) return found
  }
  return undefined
}

function linkPath(link: Json | undefined, path: string): string | undefined {
  const url = linkUrl(link, `http://x${path}`)
  return url && trimmed(url.pathname)
}

/** Where a link leads. @param base the URL of the request */
export function linkUrl(link: Json | undefined, base: string): URL | undefined {
  const text = linkText(link)
  const url = typeof text === 'string' && /\//.test(text) ? text.replace(/\{[^}]*\}/g, '') : undefined
  return url !== undefined && URL.canParse(url, base) ? new URL(url, base) : undefined
}

/** A link, or the `href` in it. */
export const linkText = (link: Json | undefined): Json | undefined =>
  typeof link === 'object' && link !== null ? (link as Fields).href : link

/** A path that the request's path continues existed before. */
const isAbove = (to: string, path: string): boolean => to !== '/' && path.startsWith(`${to}/`)

/** It ends in the id or in the resource's name, within a collection of this type. */
function isOwnPath(to: string, resource: Fields, type: string): boolean {
  const isNamed = Object.values(resource).some((value) => String(value) === lastSegment(to))
  return isNamed && (type === 'resource' || alikeNouns(lastSegment(to.slice(0, to.lastIndexOf('/'))), type))
}

/** Elasticsearch: an alias in the path may lead to another index at removal. */
export function namesOtherIndex(body: Json | undefined, path: string): boolean {
  const { _index: index, _id: id } = (typeof body === 'object' && body !== null ? body : {}) as Fields
  return typeof index === 'string' && id !== undefined && !path.split('/').map(decodeSegment).includes(index)
}
