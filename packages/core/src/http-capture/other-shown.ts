/** Answers that say themselves that they show something else than the new thing: by a type, by a link, or by what they have in them. */
import { idOf } from '../http-rules/default-ids.ts'
import { trimmed } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { alikeNouns, sameNoun } from './referred.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'

type Fields = { readonly [name: string]: Json }

/** @param thing what the body tells of, which has an id @param type what the path is about */
export function showsOther(thing: Json | undefined, creation: SeenCreation, answer: SeenAnswer, type: string): boolean {
  return [thing].flat().some((one) => {
    if (typeof one !== 'object' || one === null) return false
    const shown = one as Fields
    return (
      isOfOtherType(shown, answer, type) || hasOneOfItsOwn(shown, type) || linksElsewhere(shown, creation, answer, type)
    )
  })
}

/** JSON:API names the kind of each thing; elsewhere `type` is a field like others. */
function isOfOtherType(thing: Fields, answer: SeenAnswer, type: string): boolean {
  if (type === 'resource' || answer.body === thing) return false
  return (saysJsonApi(answer) || [thing.attributes, thing.relationships].some(isFields)) && namesOther(thing, type)
}

/** Whether the type that a thing names is another. */
export const namesOther = ({ type: named }: Fields, type: string): boolean =>
  typeof named === 'string' && !alikeNouns(named, type)

/** Whether all of an answer is JSON:API. */
export function saysJsonApi({ body, header }: Pick<SeenAnswer, 'body' | 'header'>): boolean {
  const names = Array.isArray(body) ? [] : Object.keys((body ?? {}) as object)
  return (
    names.some((name) => /^(jsonapi|atomic:results)$/.test(name)) ||
    /vnd\.api\+json/i.test(header('content-type') ?? '')
  )
}

const isFields = (part: Json | undefined): boolean => typeof part === 'object' && part !== null && !Array.isArray(part)

/** `{ id, action, user: { id } }` for `POST /users`: the id beside the user is not the user's. */
function hasOneOfItsOwn(thing: Fields, type: string): boolean {
  return Object.entries(thing).some(([name, value]) => {
    const own = sameNoun(name, type) ? idOf(value) : undefined
    return own !== undefined && String(own) !== String(idOf(thing))
  })
}

function linksElsewhere(thing: Fields, { path }: SeenCreation, { sent }: SeenAnswer, type: string): boolean {
  const self = pathOf(selfOf(thing), path)
  if (self !== undefined && self !== path && (isAbove(self, path) || !isOwnPath(self, thing, type))) return true
  return [thing.href, thing.url].some((link) => {
    const to = pathOf(link, path)
    return to !== undefined && isAbove(to, path) && !JSON.stringify(sent ?? null).includes(JSON.stringify(link))
  })
}

/** HAL, JSON:API and others. */
function selfOf({ _links, links, self }: Fields): Json | undefined {
  for (const given of [_links, links, { self: self ?? null }]) {
    const found = Array.isArray(given)
      ? given.find((one: Json) => (one as Fields | null)?.rel === 'self')
      : (given as Fields | null | undefined)?.self
    if (found !== undefined && found !== null) return found
  }
  return undefined
}

/** The path of a link, or of the `href` in it. */
function pathOf(link: Json | undefined, base: string): string | undefined {
  const text = typeof link === 'object' && link !== null ? (link as Fields).href : link
  const url = typeof text === 'string' && /\//.test(text) ? text.replace(/\{[^}]*\}/g, '') : undefined
  return url !== undefined && URL.canParse(url, `http://x${base}`)
    ? trimmed(new URL(url, `http://x${base}`).pathname)
    : undefined
}

/** What a request goes on from was there before. */
const isAbove = (to: string, path: string): boolean => to !== '/' && path.startsWith(`${to}/`)

/** It ends in the id, or in what the thing is called, and is one of a collection like this. */
function isOwnPath(to: string, thing: Fields, type: string): boolean {
  const isNamed = Object.values(thing).some((value) => String(value) === lastSegment(to))
  return isNamed && (type === 'resource' || alikeNouns(lastSegment(to.slice(0, to.lastIndexOf('/'))), type))
}
