/** Requests of GraphQL, all of which go to one path: only mutations create. */
import type { Json } from '../resource/resource.ts'

/** Whether a request's body asks, and changes nothing. */
export function onlyAsks(sent: Json | undefined): boolean {
  const documents = [sent].flat().map((operation) => (operation as { query?: unknown } | null | undefined)?.query)
  return documents.length > 0 && documents.every(isQuery)
}

/** Not what is called `query` for another reason: words to search for. */
function isQuery(document: unknown): boolean {
  if (typeof document !== 'string' || /\bmutation\b/.test(document)) return false
  return /^(\s|#.*\n)*(query\b[^{]*|subscription\b[^{]*|fragment\b[^{]*)?\{/.test(document)
}

/** Whether all that a request's body asks for are mutations which, by their names, create nothing: `updateUser`, `orderDelete`. */
export function onlyChanges(sent: Json | undefined): boolean {
  const documents = [sent].flat().map((operation) => (operation as { query?: unknown } | null | undefined)?.query)
  const names = documents.map(
    (document) => typeof document === 'string' && (isQuery(document) ? [] : mutationsIn(document)),
  )
  return names.length > 0 && names.every((all) => all && !all.some(saysCreate)) && names.flat().length > 0
}

/** Fields of the mutations, with their aliases; undefined where it cannot be told. */
function mutationsIn(document: string): readonly string[] | undefined {
  const names: string[] = []
  let header = ''
  let depth = 0
  let inArguments = 0
  for (const [token] of document.replace(notNames, '').matchAll(tokens)) {
    if (token === '(') inArguments++
    else if (token === ')') inArguments--
    else if (inArguments > 0) continue
    else if (token === '{') depth++
    else if (token === '}') depth--
    else if (depth === 0) header += ` ${token}`
    else if (depth === 1 && token.startsWith('...')) return undefined
    else if (depth === 1 && /mutation/i.test(header)) names.push(token)
    if (token === '}' && depth === 0) header = ''
  }
  return depth === 0 && inArguments === 0 && names.length > 0 ? names : undefined
}

/** Texts and comments. */
const notNames = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#.*/g

/** What is spread is a name like others, but for a part without one. */
const tokens = /[(){}]|\.{3}\s*(?:on\b|(?![_a-z]))|[_a-z]\w*/gi

/** `createUser`, `user_add`, `signUp`; of `updatePost` the post is what is updated. */
function saysCreate(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
  if (words.some((word) => creates.has(word)) || /sign_?up|check_?out/i.test(name)) return true
  return words.some((word) => mayCreate.has(word)) && !words.some((word) => changes.has(word))
}

const creates = new Set('create add register insert upsert save new generate duplicate provision make'.split(' '))

/** Verbs, and nouns as well. */
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
