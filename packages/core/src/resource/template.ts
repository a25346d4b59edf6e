/** Texts with `{name}` in them, filled in with values: how a removal is written once for many things. */
import type { Json } from './resource.ts'

/** The value of a name; undefined leaves the name standing, to be filled in later. */
export type Values = (name: string) => Json | undefined

const names = /\{([\w.-]+)\}/g

/**
 * Fills in a URL: values are encoded, so that none can add or take a path segment, or add a parameter. With nothing in a name's place the URL
 * would be that of all things (`/tags/`), so a name whose value is empty or null is left standing.
 */
export function fillUrl(template: string, values: Values): string {
  const something: Values = (name) => {
    const value = values(name)
    return value === '' || value === null ? undefined : value
  }
  return fill(template, something, encodeValue)
}

/** Fills in a text as it is. */
export function fillText(template: string, values: Values): string {
  return fill(template, values, (text) => text)
}

/** Fills in every string of a JSON value; a string that is one name only becomes the value itself, so that numbers stay numbers. */
export function fillJson(template: Json, values: Values): Json {
  if (typeof template === 'string') {
    const value = sole(template, values)
    return value === undefined ? fillText(template, values) : value
  }
  if (Array.isArray(template)) return template.map((item) => fillJson(item as Json, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fillJson(value as Json, values)]))
}

/** The names that stand in a template, of whatever shape. */
export function namesIn(template: Json): string[] {
  const text = typeof template === 'string' ? template : JSON.stringify(template)
  return [...text.matchAll(names)].map(([, name]) => name as string)
}

function fill(template: string, values: Values, encode: (text: string) => string): string {
  return template.replace(names, (standing, name: string) => {
    const value = values(name)
    return value === undefined ? standing : encode(typeof value === 'object' ? JSON.stringify(value) : String(value))
  })
}

function encodeValue(text: string): string {
  return text === '.' || text === '..' ? text.replaceAll('.', '%2E') : encodeURIComponent(text.toWellFormed())
}

function sole(template: string, values: Values): Json | undefined {
  const name = /^\{([\w.-]+)\}$/.exec(template)?.[1]
  return name === undefined ? undefined : values(name)
}
