/** Templates with `{name}` placeholders: one removal for many resources. */
import type { Json } from './resource.ts'

/** The value of a name; undefined keeps the placeholder, to be filled in later. */
export type Values = (name: string) => Json | undefined

const names = /\{([\w.-]+)\}/g

/**
 * Fills in a URL: values are encoded, so that none can add or drop a path segment, or add a parameter. An empty value would
 * make it the URL of all resources (`/tags/`), so a placeholder whose value is empty or null is kept.
 */
export function fillUrl(template: string, values: Values): string {
  const nonEmpty: Values = (name) => {
    const value = values(name)
    return value === '' || value === null ? undefined : value
  }
  return fill(template, nonEmpty, encodeValue)
}

/** Fills in a text without encoding. */
export function fillText(template: string, values: Values): string {
  return fill(template, values, (text) => text)
}

/** Fills in every string of a JSON value; a string that is a single placeholder becomes the value itself, so that numbers stay numbers. */
export function fillJson(template: Json, values: Values): Json {
  if (typeof template === 'string') {
    const value = singleValue(template, values)
    return value === undefined ? fillText(template, values) : value
  }
  if (Array.isArray(template)) return template.map((item) => fillJson(item as Json, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fillJson(value as Json, values)]))
}

/** The placeholder names in a template of any shape. */
export function namesIn(template: Json): string[] {
  const text = typeof template === 'string' ? template : JSON.stringify(template)
  return [...text.matchAll(names)].map(([, name]) => name as string)
}

/** Fills in a text with encoded values. */
export function fill(template: string, values: Values, encode: (text: string) => string): string {
  return template.replace(names, (placeholder, name: string) => {
    const value = values(name)
    return value === undefined ? placeholder : encode(typeof value === 'object' ? JSON.stringify(value) : String(value))
  })
}

function encodeValue(text: string): string {
  return text === '.' || text === '..' ? text.replaceAll('.', '%2E') : encodeURIComponent(text.toWellFormed())
}

function singleValue(template: string, values: Values): Json | undefined {
  const name = /^\{([\w.-]+)\}$/.exec(template)?.[1]
  return name === undefined ? undefined : values(name)
}
