/** What the parts of a path are: nouns, ids, pages. */
import { looksLikeId } from '../http-rules/noun.ts'
import { isPlural } from '../resource/plural.ts'

/** A collection's name. */
export const isCollection = (segment: string): boolean => !looksLikeId(segment) && isPlural(segment)

/** Where a redirect leads that tells of no new thing. */
const pages =
  /^(new|create|add|edit|log-?in|sign-?in|log-?out|sign-?out|sign-?up|register|search|list|index|home|dashboard|overview|success|done|errors?|thanks|thank-?you|confirm(ation)?)$/i

export const isPage = (segment: string): boolean => pages.test(segment)

/** Whether a path that is put to is one thing's: `/users/carl`, `/user/7`; not `/users/7/notes`, nor `/services/cats`. */
export function namesOne(path: string): boolean {
  const [before = '', last = ''] = path.split('/').slice(-2)
  return looksLikeId(last) || (isCollection(before) && !isCollection(last))
}
