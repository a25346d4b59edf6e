/** What an operation's name says that it does: `createUser`, `user.update`, `order_delete`. */

/** `createUser`, `user_add`, `signUp`; in `updatePost`, `post` is the object. */
export function isCreateName(name: string): boolean {
  const words = wordsOf(name)
  if (words.some((word) => creates.has(word)) || /sign_?up|check_?out/i.test(name)) return true
  return words.some((word) => mayCreate.has(word)) && !isChange(name, words) && !words.some((word) => reads.has(word))
}

/** `updateUser`, `logIn`; others may create. */
export function isChangeName(name: string): boolean {
  return !isCreateName(name) && isChange(name, wordsOf(name))
}

const isChange = (name: string, words: readonly string[]): boolean =>
  words.some((word) => changes.has(word)) || /(log|sign)_?(in|out)/i.test(name)

/** `user.get`; a mutation of such a name may create. */
export function isReadName(name: string): boolean {
  return !isCreateName(name) && wordsOf(name).some((word) => reads.has(word))
}

/** Behind the last dot, as in `list.subscribe`: what is before it is the object. */
const wordsOf = (name: string): readonly string[] =>
  (name.split(/[.:/]/).at(-1) || name)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)

const creates = new Set('create add register insert upsert save new generate duplicate provision make'.split(' '))

/** Verbs that are also nouns. */
const mayCreate = new Set(
  'place store import clone copy invite upload seed submit post publish start begin open book buy purchase order subscribe send issue request join enroll build init draft attach schedule record write put push fork launch pay charge transfer apply accept assign comment reply share follow like log report rate review bid link'.split(
    ' ',
  ),
)

const changes = new Set(
  'set update delete remove destroy purge edit patch change modify rename move cancel close archive unarchive restore disable enable activate deactivate reset clear mark toggle revoke reject approve unpublish unsubscribe unlink increment decrement sort reorder merge lock unlock hide show pin unpin dismiss confirm verify validate refresh touch'.split(
    ' ',
  ),
)

const reads = new Set(
  'get list find search query fetch read count lookup export check ping status exists has is'.split(' '),
)
