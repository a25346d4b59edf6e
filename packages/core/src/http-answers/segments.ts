/** Classifies path segments: nouns, ids, pages. */
import { looksLikeId } from '../http-rules/noun.ts'
import { isPlural } from '../resource/plural.ts'

/** Whether a segment is a collection's name. */
export const isCollection = (segment: string): boolean => !looksLikeId(segment) && isPlural(segment)

/** Targets of redirects that do not lead to a new resource. */
const pages =
  /^(new|create|add|edit|log-?in|sign-?in|log-?out|sign-?out|sign-?up|register|search|list|index|home|dashboard|overview|success|done|errors?|thanks|thank-?you|confirm(ation)?)$/i

export const isPage = (segment: string): boolean => pages.test(segment)

const lastWord = (words: string): RegExp => new RegExp(`^(.*:|_)?(${words})([-_]?(one|all|many|by|first)\\w*)?$`, 'i')

const lookups = 'search|find|list|count|look-?up'
const lookupWords = lastWord(lookups)

/** What a preview, an export or a query returns may be a resource of its own. */
const readingWords = lastWord(`${lookups}|query|filter|exists|suggest|autocomplete|aggregate|validate|preview|export`)

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Whether a path ends in a word for reading: `/search`, `/users/findOne`, `/users:query`. */
export const endsInReading = (path: string): boolean => readingWords.test(lastOf(path))

/** Whether a request to a path only reads a collection: `/users/search`, `/users:list`. */
export function readsCollection(path: string): boolean {
  const [before = '', last = ''] = path.split('/').slice(-2)
  const [named] = last.split(':')
  return lookupWords.test(last) && isCollection(last.includes(':') ? (named ?? '') : before)
}

/** Whether a path that receives PUT is that of one resource: `/users/carl`, `/user/7`; not `/users/7/notes`, nor `/services/cats`. */
export function namesOne(path: string): boolean {
  const [before = '', last = ''] = path.split('/').slice(-2)
  return looksLikeId(last) || (isCollection(before) && !isCollection(last))
}
