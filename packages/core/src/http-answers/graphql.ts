/** GraphQL requests, which all go to one path: only mutations create. */
import type { Json } from '../resource/resource.ts'

/** Whether a request's body only queries. */
export function onlyQueries(sent: Json | undefined): boolean {
  const documents = [sent].flat().map((operation) => (operation as { query?: unknown } | null | undefined)?.query)
  return documents.length > 0 && documents.every(isQuery)
}

/** Excludes fields called `query` for another reason: search terms. */
function isQuery(document: unknown): boolean {
  if (typeof document !== 'string' || /\bmutation\b/.test(document)) return false
  return /^(\s|#.*\n)*(query\b[^{]*|subscription\b[^{]*|fragment\b[^{]*)?\{/.test(document)
}

/** Whether a request's body contains only mutations that, by their names, create nothing: `updateUser`, `orderDelete`. */
export function onlyChanges(sent: Json | undefined): boolean {
  const documents = [sent].flat().map((operation) => (operation as { query?: unknown } | null | undefined)?.query)
  const names = documents.map(
    (document) => typeof document === 'string' && (isQuery(document) ? [] : mutationsIn(document)),
  )
  return names.length > 0 && names.every((all) => all && !all.some(isCreateName)) && names.flat().length > 0
}

/** The mutations' fields and aliases; undefined if they cannot be determined. */
function mutationsIn(document: string): readonly string[] | undefined {
  const names: string[] = []
  let operation = ''
  let depth = 0
  let inArguments = 0
  for (const [token] of document.replace(stringsAndComments, '').matchAll(tokens)) {
    if (token === '(') inArguments++
    else if (token === ')') inArguments--
    else if (inArguments > 0) continue
    else if (token === '{') depth++
    else if (token === '}') depth--
    else if (depth === 0) operation += ` ${token}`
    else if (depth === 1 && token.startsWith('...')) return undefined
    else if (depth === 1 && /mutation/i.test(operation)) names.push(token)
    if (token === '}' && depth === 0) operation = ''
  }
  return depth === 0 && inArguments === 0 && names.length > 0 ? names : undefined
}

/** Strings and comments. */
const stringsAndComments = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#.*/g

/** A fragment spread counts as a name, except for an inline fragment. */
const tokens = /[(){}]|\.{3}\s*(?:on\b|(?![_a-z]))|[_a-z]\w*/gi

/** `createUser`, `user_add`, `signUp`; in `updatePost`, `post` is the object. */
function isCreateName(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
  if (words.some((word) => creates.has(word)) || /sign_?up|check_?out/i.test(name)) return true
  return words.some((word) => mayCreate.has(word)) && !words.some((word) => changes.has(word))
}

const creates = new Set('create add register insert upsert save new generate duplicate provision make'.split(' '))

/** Verbs that are also nouns. */
const mayCreate = new Set(
  'place store import clone copy invite upload seed submit post publish start begin open book buy purchase order subscribe send issue request join enroll build init draft attach schedule record write put push fork launch pay charge transfer apply accept assign comment reply share follow like log report rate review bid link'.split(
    ' ',
  ),
)

const changes = new Set(
  'set update delete remove edit patch change modify destroy rename move cancel close archive unarchive restore disable enable activate deactivate reset clear mark toggle revoke reject approve unpublish unsubscribe unlink login logout out'.split(
    ' ',
  ),
)
